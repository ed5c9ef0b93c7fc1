package supervisor_test

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

const asksForPorts = "ONSALE_TEST_ASKS_FOR_PORTS"

// Servers bind their ports long after they were chosen. Processes that choose at
// the same time must still get different ports.
func TestPortsOfProcesses(t *testing.T) {
	const processes, each = 20, 60
	if os.Getenv(asksForPorts) != "" {
		ports, err := supervisor.FreePorts(each)
		if err != nil {
			t.Fatal(err)
		}
		_ = json.NewEncoder(os.Stdout).Encode(ports)
		_, _ = io.Copy(io.Discard, os.Stdin) // runs until its input is closed
		return
	}
	var lives []io.Closer
	var ends []func() error
	t.Cleanup(func() {
		for _, stdin := range lives { // close all inputs before waiting for the first process
			_ = stdin.Close()
		}
		for _, wait := range ends {
			_ = wait()
		}
	})
	seen := map[int]int{}
	for process := range processes {
		c := exec.Command(os.Args[0], "-test.run", "^TestPortsOfProcesses$")
		c.Env = append(os.Environ(), asksForPorts+"=1")
		stderr := &bytes.Buffer{}
		c.Stderr = stderr
		stdin, _ := c.StdinPipe()
		stdout, _ := c.StdoutPipe()
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		lives, ends = append(lives, stdin), append(ends, c.Wait)
		var ports []int
		if err := json.NewDecoder(stdout).Decode(&ports); err != nil || len(ports) != each {
			t.Fatalf("process %d got %d ports: %v %s", process, len(ports), err, stderr)
		}
		for _, port := range ports {
			if other, both := seen[port]; both {
				t.Errorf("port %d was given to process %d and to %d", port, other, process)
			}
			seen[port] = process
		}
	}
}
