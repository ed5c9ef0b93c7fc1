package onsale

import (
	"context"
	recorded "debug/buildinfo"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"

	"github.com/onsale-tickets/onsale/adapter/buildinfo"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// checkBuild returns an error unless a directory has all programs of a build.
func checkBuild(dir string) error {
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return fmt.Errorf("there is no directory %s", dir)
	}
	for _, name := range []string{"onsale", supervisor.Bookings, supervisor.Seats, supervisor.Ticketing} {
		if _, err := exec.LookPath(filepath.Join(dir, name)); err != nil {
			return fmt.Errorf("%s has no program %s: build it with go build -o %s/ ./cmd/... in a checkout of that version", dir, name, dir)
		}
	}
	return nil
}

// commitOf returns the commit of the build in a directory; empty: of this one.
func commitOf(dir string) string {
	if dir == "" {
		return buildinfo.Read().Commit()
	}
	info, err := recorded.ReadFile(filepath.Join(dir, "onsale"))
	if err != nil {
		return "unknown"
	}
	return buildinfo.From(info).Commit()
}

// verifyWith verifies a running installation with the programs of a build.
func verifyWith(ctx context.Context, dir, dataDir string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(dir, "onsale"), "verify", "--data-dir", dataDir)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	err := cmd.Run()
	if ended := new(exec.ExitError); errors.As(err, &ended) && ctx.Err() == nil {
		return errors.New("verify of the other build fails")
	}
	return err
}
