package e2e

import (
	"os/exec"
	"runtime"
	"syscall"
)

// startChild starts a program that is killed when this process dies, however it
// dies: a test that panics, or runs too long, ends no cleanup. ended is closed when
// the program has ended.
func startChild(cmd *exec.Cmd) (ended chan struct{}, err error) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	ended = make(chan struct{})
	started := make(chan error)
	go func() {
		// Linux sends the signal when the thread that started the child ends, so that
		// thread must live as long as the child.
		runtime.LockOSThread()
		defer close(ended)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
		}
	}()
	return ended, <-started
}
