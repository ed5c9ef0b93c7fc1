package loadgen

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Build runs a benchmark with the onsale program of a directory, as a process of
// its own.
type Build struct {
	Onsale string   // path of the program
	Args   []string // its arguments, without --json
	Stderr *os.File // gets its progress bars and errors
}

var _ port.BenchBuild = Build{}

// stopLimit is how long a benchmark may take to stop its installation.
const stopLimit = 40 * time.Second

// Bench implements port.BenchBuild. When ctx is done, the program is interrupted
// and stops its installation.
func (b Build) Bench(ctx context.Context) (port.BenchFigures, error) {
	dir, err := os.MkdirTemp("", "onsale-figures-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "figures.json")
	// The signal at the end of this process is sent when the starting thread ends.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.CommandContext(ctx, b.Onsale, append(b.Args[:len(b.Args):len(b.Args)], "--json", file)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, b.Stderr // a file, so that the program sees whether it is a terminal
	cmd.Env = slices.DeleteFunc(os.Environ(), isChart)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGTERM}
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = stopLimit
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%s: %w\n%s", cmd, err, last(out.String(), 2000))
	}
	content, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s wrote no figures", cmd)
	}
	if err != nil {
		return nil, err
	}
	return numbers(content)
}

// isChart reports whether a variable names the file of a chart. That chart is the
// comparison's, not the run's.
func isChart(variable string) bool { return strings.HasPrefix(variable, "ONSALE_BENCH_SVG=") }

// numbers returns the numbers of a benchmark's JSON.
func numbers(content []byte) (port.BenchFigures, error) {
	var fields map[string]any
	if err := json.Unmarshal(content, &fields); err != nil {
		return nil, fmt.Errorf("the figures are not JSON: %w", err)
	}
	f := port.BenchFigures{}
	for name, value := range fields {
		switch v := value.(type) {
		case float64:
			f[name] = v
		case map[string]any:
			for inner, value := range v {
				if n, is := value.(float64); is {
					f[name+"."+inner] = n
				}
			}
		}
	}
	return f, nil
}

// last returns the last n bytes of a text, from the beginning of a line.
func last(text string, n int) string {
	if len(text) <= n {
		return text
	}
	_, tail, _ := strings.Cut(text[len(text)-n:], "\n")
	return tail
}
