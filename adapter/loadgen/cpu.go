package loadgen

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// tick is the unit of /proc's times: USER_HZ, 100 on every Linux that Go runs
// on.
const tick = 10 * time.Millisecond

// CPUTime is the processor time of a process and of all that it started, as
// /proc has it.
func CPUTime(pid int) time.Duration {
	var total time.Duration
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		s, ok := readStat(path)
		if !ok {
			continue // it has ended
		}
		switch pid {
		case s.pid:
			total += s.own + s.ended
		case s.parent:
			total += s.own
		}
	}
	return total
}

// OwnTime is the processor time of this process alone.
func OwnTime() time.Duration {
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

func readStat(path string) (stat, bool) {
	content, err := os.ReadFile(path)
	if err != nil {
		return stat{}, false
	}
	// The name stands in brackets and may have any character.
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
