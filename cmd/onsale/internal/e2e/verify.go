package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"time"
)

// Verify runs `onsale verify` and fails the test if it finds a violation.
func (in *Installation) Verify(args ...string) {
	in.T.Helper()
	out, err := in.verify(4*time.Minute, args...)
	if err != nil {
		in.T.Fatal(err)
	}
	in.T.Logf("verify: %s", out)
}

func (in *Installation) verify(limit time.Duration, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	out, err := exec.CommandContext(ctx, filepath.Join(in.Bin, "onsale"), append([]string{"verify", "--data-dir", in.Data}, args...)...).CombinedOutput()
	if err != nil {
		return nil, fmt.Errorf("onsale verify: %w\n%s", err, out)
	}
	return bytes.TrimSpace(out), nil
}

// Onsale runs a command of onsale to its end and returns what it printed, and its
// exit code.
func (in *Installation) Onsale(args ...string) (string, int) {
	in.T.Helper()
	out, err := exec.Command(filepath.Join(in.Bin, "onsale"), args...).CombinedOutput()
	code := 0
	if err != nil {
		exit, ok := err.(*exec.ExitError)
		if !ok {
			in.T.Fatal(err)
		}
		code = exit.ExitCode()
	}
	return string(out), code
}
