package e2e

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// shared is the installation that the tests of a package share, if one of them
// has asked for it.
var shared struct {
	start sync.Once
	dir   string
	in    *Installation
	err   error
}

// sharers counts the calls of Shared.
var sharers atomic.Int64

// Shared returns the installation that the tests of this package share, on the
// embedded broker. The events of tests that have ended fall asleep after a minute, so
// that they cost the other tests nothing. A test must not stop or break
// any part of it, and makes its own users and events. It is verified once, when
// all tests have ended: see Main.
func Shared(t testing.TB) *Installation {
	t.Helper()
	takeSlot(t)
	shared.start.Do(func() {
		if shared.dir, shared.err = os.MkdirTemp("", "onsale-shared-"); shared.err != nil {
			return
		}
		if shared.in, shared.err = prepare(Config{Broker: Embedded, Args: []string{"--no-demo", "--sleep-after", "1m"}, Binaries: Binaries}, filepath.Join(shared.dir, "data")); shared.err == nil {
			shared.err = shared.in.up()
		}
	})
	if shared.err != nil {
		t.Fatal(shared.err)
	}
	in := *shared.in
	in.T, in.sharer = t, sharers.Add(1)
	t.Cleanup(func() {
		if t.Failed() {
			in.showLogs()
		}
	})
	return &in
}

// Main runs the tests of a package. Then it verifies and stops the installation
// that they shared. It does not return.
func Main(m *testing.M) {
	code := m.Run()
	if err := endShared(); err != nil {
		fmt.Fprintln(os.Stderr, "the shared installation:", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func endShared() error {
	if shared.in == nil {
		return nil
	}
	defer os.RemoveAll(shared.dir)
	var err error
	if shared.err == nil {
		_, err = shared.in.verify(4 * time.Minute)
	}
	return errors.Join(err, shared.in.stop())
}
