package loadgen

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// A process includes its child that runs, and one that has ended.
func TestCPUTimes(t *testing.T) {
	const busy = `i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done`
	parent := exec.Command("sh", "-c", `sh -c '`+busy+`'; sh -c '`+busy+`; echo; read x'; true`)
	in, err := parent.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = parent.Wait() })
	if _, err := out.Read(make([]byte, 1)); err != nil { // both have done their work
		t.Fatal(err)
	}

	times := CPU{Self: "load", Processes: func() map[string]int { return map[string]int{"parent": parent.Process.Pid, "this": os.Getpid()} }}.CPUTimes()

	var child time.Duration
	for _, s := range stats() {
		if s.parent == parent.Process.Pid {
			child += s.own
		}
	}
	if ended := times["parent"] - child; child == 0 || ended < child/3 {
		t.Errorf("the children that ended used %s, the one that runs %s", ended, child)
	}
	if times["load"] == 0 {
		t.Error("this process used nothing")
	}
}
