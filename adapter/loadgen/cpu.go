package loadgen

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// CPU reads the processor times of an installation's processes and of this one.
type CPU struct {
	Self      string                // name of this process in the result
	Processes func() map[string]int // names and process ids
}

var _ port.CPUTimes = CPU{}

// CPUTimes implements port.CPUTimes. A process includes its children: PostgreSQL
// works in children.
func (c CPU) CPUTimes() map[string]time.Duration {
	times := map[string]time.Duration{}
	byPID := map[int]time.Duration{}
	for _, s := range stats() { // once for all processes: this is part of what is measured
		byPID[s.pid] += s.own + s.ended
		byPID[s.parent] += s.own
	}
	for name, pid := range c.Processes() {
		times[name] = byPID[pid]
	}
	times[c.Self] = ownTime()
	return times
}

// tick is the unit of the times in /proc: USER_HZ, which is 100 on every Linux
// that Go supports.
const tick = 10 * time.Millisecond

// ownTime returns the processor time of this process alone.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

type stat struct {
	pid, parent int
	own, ended  time.Duration // ended: of children that have ended
}

// stats reads all processes.
func stats() []stat {
	var all []stat
	paths, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range paths {
		if s, ok := readStat(path); ok { // else it has ended
			all = append(all, s)
		}
	}
	return all
}

func readStat(path string) (stat, bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return stat{}, false
	}
	// The name is in parentheses and may contain any character.
	open, last := bytes.IndexByte(content, '('), bytes.LastIndexByte(content, ')')
	if open < 1 || last < 0 {
		return stat{}, false
	}
	fields := bytes.Fields(content[last+1:])
	if len(fields) < 15 {
		return stat{}, false
	}
	n := func(b []byte) int { v, _ := strconv.Atoi(string(b)); return v }
	return stat{pid: n(bytes.TrimSpace(content[:open])), parent: n(fields[1]),
		own: time.Duration(n(fields[11])+n(fields[12])) * tick, ended: time.Duration(n(fields[13])+n(fields[14])) * tick}, true
}

// Machine names the processor and the number of cores.
func Machine() string {
	name := "unknown processor"
	if content, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(content)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores", name, runtime.NumCPU())
}
