package supervisor

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A program that ends by itself is started again, and whoever asked hears of it.
// One that is stopped is not.
func TestProcessRestarts(t *testing.T) {
	restarts := make(chan Restart, 10)
	log := filepath.Join(t.TempDir(), "log")
	p, err := Start(Program{Name: "sleeper", Path: "/bin/sleep", Args: []string{"600"}, Log: log, Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL},
		func() {}, func(r Restart) { restarts <- r })
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	for times := 1; times <= 2; times++ {
		if err := syscall.Kill(p.PID(), syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}

		select {
		case r := <-restarts:
			if r.Process != "sleeper" || r.Log != log || r.Times != times || r.Failed != nil || r.Ended == nil || !strings.Contains(r.Ended.Error(), "killed") {
				t.Errorf("%+v", r)
			}
			if p.PID() == 0 {
				t.Error("it does not run")
			}
		case <-time.After(20 * time.Second):
			t.Fatal("nobody heard of it")
		}
	}

	p.Stop()
	select {
	case r := <-restarts:
		t.Errorf("after the stop: %+v", r)
	default:
	}
}
