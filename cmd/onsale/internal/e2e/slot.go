package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// How many end-to-end tests run at once on this machine. On most machines a test
// computes less than half of its time and waits for the rest. While others wait for
// a processor, no more tests begin than there are processors: a slow machine would
// miss the times that the tests allow.
var (
	slots     = 2 * runtime.NumCPU()
	slotsBusy = runtime.NumCPU()
)

// busy reports whether processes waited for a processor most of the last ten
// seconds, as Linux tells in /proc/pressure/cpu.
func busy() bool {
	content, err := os.ReadFile("/proc/pressure/cpu")
	var share float64
	_, _ = fmt.Sscanf(string(content), "some avg10=%f", &share)
	return err == nil && share > 70
}

// holders are the tests of this process that hold a slot.
var holders sync.Map

// takeSlot blocks until fewer than slots tests run on this machine, in all
// processes of this user, and counts t as one until it ends. A test takes one
// slot, however many installations it starts.
func takeSlot(t testing.TB) {
	t.Helper()
	take(t, 1)
}

// Alone blocks until no other end-to-end test runs on this machine, and lets none
// begin before t ends. It is for tests that load the machine so much that others
// would miss their times, or that measure what the machine can do.
func Alone(t testing.TB) {
	t.Helper()
	take(t, slots)
}

func take(t testing.TB, want int) {
	t.Helper()
	if _, holds := holders.LoadOrStore(t, true); holds {
		return
	}
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("onsale-e2e-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	// Whoever waits for a slot waits first for this file, so that they come in turn.
	queue, err := os.OpenFile(filepath.Join(dir, "queue"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer queue.Close()
	if err := syscall.Flock(int(queue.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	var held []*os.File
	t.Cleanup(func() {
		holders.Delete(t)
		for _, f := range held {
			f.Close()
		}
	})
	for {
		free := slots
		if busy() {
			free = slotsBusy
		}
		for n := range max(free, want) {
			f, err := os.OpenFile(filepath.Join(dir, fmt.Sprintf("slot-%d", n)), os.O_CREATE|os.O_RDWR, 0o600)
			if err != nil {
				t.Fatal(err)
			}
			if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
				f.Close()
				continue
			}
			if held = append(held, f); len(held) == want {
				return
			}
		}
		time.Sleep(100 * time.Millisecond) // flock waits for one file, not for any of several
	}
}
