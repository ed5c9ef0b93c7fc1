package operations_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// A test binary that dies leaves no process behind. This test runs itself again as
// the binary that is killed.
func TestNoOrphans(t *testing.T) {
	if os.Getenv("ONSALE_TEST_ORPHANS") != "" {
		in := e2e.Start(t, e2e.Embedded)
		var run struct{ Processes map[string]int }
		in.Run(&run)
		run.Processes["onsale up"] = in.Cmd.Process.Pid
		encoded, _ := json.Marshal(run.Processes)
		fmt.Printf("\nprocesses %s\n", encoded)
		<-in.Done
		return
	}
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.run", "^TestNoOrphans$", "-test.timeout", "5m")
	cmd.Env = append(os.Environ(), "ONSALE_TEST_ORPHANS=1")
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pids := map[string]int{}
	for lines := bufio.NewScanner(out); len(pids) == 0 && lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "processes "); ok {
			if err := json.Unmarshal([]byte(text), &pids); err != nil {
				t.Fatal(err)
			}
		}
	}

	_ = cmd.Process.Kill()
	_ = cmd.Wait()

	if len(pids) != 7 {
		t.Fatalf("processes %v", pids)
	}
	for name, pid := range pids {
		for end := time.Now().Add(30 * time.Second); syscall.Kill(pid, 0) != syscall.ESRCH; time.Sleep(50 * time.Millisecond) {
			if time.Now().After(end) {
				_ = syscall.Kill(pid, syscall.SIGKILL)
				t.Errorf("%s (%d) still runs", name, pid)
				break
			}
		}
	}
}
