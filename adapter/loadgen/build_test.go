package loadgen_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
)

// fakeBuild returns a build whose onsale is a shell script. $5 is the file for the
// figures.
func fakeBuild(t *testing.T, script string) loadgen.Build {
	program := filepath.Join(t.TempDir(), "onsale")
	if err := os.WriteFile(program, []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	return loadgen.Build{Onsale: program, Args: []string{"bench", "sellout", "--seats=1000"}, Stderr: os.Stderr}
}

func TestBuildBench(t *testing.T) {
	t.Run("returns the numbers of the JSON", func(t *testing.T) {
		t.Setenv("ONSALE_BENCH_SVG", "chart.svg") // the comparison's
		build := fakeBuild(t, `[ -z "${ONSALE_BENCH_SVG+set}" ] || exit 8
[ "$1 $2 $3 $4" = "bench sellout --seats=1000 --json" ] || exit 9
echo '{"benchmark":"sellout","bookings_per_s":1234.5,"cpu":{"load":60}}' > "$5"`)

		f, err := build.Bench(t.Context())

		if err != nil || len(f) != 2 || f["bookings_per_s"] != 1234.5 || f["cpu.load"] != 60 {
			t.Errorf("figures %v: %v", f, err)
		}
	})

	for name, c := range map[string]struct{ script, want string }{
		"names the program that fails, with its last words": {"echo 3 violations; exit 1", "3 violations"},
		"fails without figures":                             {"exit 0", "wrote no figures"},
		"fails at figures that are not JSON":                {`echo oops > "$5"`, "not JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := fakeBuild(t, c.script).Bench(t.Context())

			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Error(err)
			}
		})
	}

	t.Run("ends the program in order when it is interrupted", func(t *testing.T) {
		dir := t.TempDir()
		begun := filepath.Join(dir, "begun") // a FIFO: reading blocks until the script handles the signal
		if err := syscall.Mkfifo(begun, 0o600); err != nil {
			t.Fatal(err)
		}
		build := fakeBuild(t, `trap 'echo > "`+dir+`/ended"; exit 1' TERM
echo > "`+begun+`"; while :; do sleep 0.01; done`)
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = os.ReadFile(begun)
			cancel()
		}()

		_, err := build.Bench(ctx)

		if !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if _, err := os.Stat(filepath.Join(dir, "ended")); err != nil {
			t.Error("it was not ended in order:", err)
		}
	})
}
