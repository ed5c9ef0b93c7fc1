package loadgen

import (
	"bufio"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/onsale-tickets/onsale/port"
)

// Memory reads the memory of an installation's processes.
type Memory struct {
	Processes func() map[string]int // names and process ids
}

var _ port.Memory = Memory{}

// Resident implements port.Memory. Memory that the processes of PostgreSQL share is
// divided among them, so that their sum counts it once.
func (m Memory) Resident() map[string]port.Resident {
	all := map[string]port.Resident{}
	children := children()
	for name, pid := range m.Processes() {
		if pid == 0 {
			continue // between two runs
		}
		r := port.Resident{Peak: procBytes(pid, "status", "VmHWM:")}
		for _, p := range append(children[pid], pid) {
			r.Now += procBytes(p, "smaps_rollup", "Pss:")
		}
		all[name] = r
	}
	return all
}

// children returns the ids of the processes of each parent.
func children() map[int][]int {
	of := map[int][]int{}
	for _, s := range stats() {
		of[s.parent] = append(of[s.parent], s.pid)
	}
	return of
}

// procBytes reads a line in kB of a file of a process; 0 if the process has ended.
func procBytes(pid int, file, name string) int64 {
	f, err := os.Open(filepath.Join("/proc", strconv.Itoa(pid), file))
	if err != nil {
		return 0
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if value, is := strings.CutPrefix(lines.Text(), name); is {
			kilobytes, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(value, " kB")), 10, 64)
			return kilobytes << 10
		}
	}
	return 0
}
