package e2e

import (
	"syscall"
	"time"
)

// Pause stops a process and continues it after d.
func (in *Installation) Pause(part string, d time.Duration) {
	in.T.Helper()
	pid := in.PID(part)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		in.T.Errorf("stop %s (%d): %v", part, pid, err)
		return
	}
	time.Sleep(d) // the fault itself
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		in.T.Errorf("continue %s (%d): %v", part, pid, err)
	}
}

// Kill kills a part and waits until the supervisor has restarted it.
func (in *Installation) Kill(name string) {
	in.T.Helper()
	in.End(name, syscall.SIGKILL)
}

// End sends a signal to a part and waits until the supervisor has restarted it.
func (in *Installation) End(name string, signal syscall.Signal) {
	in.T.Helper()
	before := in.PID(name)
	if err := syscall.Kill(before, signal); err != nil {
		in.T.Errorf("%s to %s (%d): %v", signal, name, before, err)
	}
	in.Eventually(name+" is started again", 60*time.Second, func() bool {
		pid := in.PID(name)
		return pid != 0 && pid != before
	})
}
