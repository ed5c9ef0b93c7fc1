package rocksstore_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

const written = 200 // batches in a filled store

// batch is the nth batch of a filled store: one sold seat, and its outcome.
func batch(n int) port.SeatBatch {
	b := port.SeatBatch{Event: 1, SeatFold: port.SeatFold{JournalTopicID: "j"}}
	b.Fold.Next = int64(n + 1)
	id := domain.BookingID{1, byte(n)}
	b.Seats = []port.StoredSeat{{Section: "A", Index: seating.Index(n), Seat: seating.Seat{Status: seating.Sold, Booking: id, Buyer: 7, Hold: domain.Hold(n + 1)}}}
	b.Outcomes = []port.Outcome{{BookingID: id, Offset: int64(n), Section: "A", Seats: []seating.Index{seating.Index(n)}, Hold: domain.Hold(n + 1)}}
	if n == 0 {
		b.Sections = []port.StoredSection{{Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 10, 20)}}}}
	}
	return b
}

// fill makes a store whose first batches are in an SST and whose last ones are in
// the write-ahead log.
func fill(t *testing.T, dir string) {
	t.Helper()
	for _, part := range [][2]int{{0, written / 2}, {written / 2, written}} {
		s, err := rocksstore.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		for n := part[0]; n < part[1]; n++ {
			if err := s.Write(batch(n)); err != nil {
				t.Fatal(err)
			}
		}
		s.Close()
	}
}

// file is the one file of a store that matches a pattern.
func file(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%s: %v %v", pattern, found, err)
	}
	return found[0]
}

func truncate(pattern string, part func(size int64) int64) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		name := file(t, dir, pattern)
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(name, part(info.Size())); err != nil {
			t.Fatal(err)
		}
	}
}

func empty(int64) int64       { return 0 }
func half(size int64) int64   { return size / 2 }
func oneOff(size int64) int64 { return size - 1 }

func remove(pattern string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.Remove(file(t, dir, pattern)); err != nil {
			t.Fatal(err)
		}
	}
}

// flip inverts bytes in the middle of a file.
func flip(pattern string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		name := file(t, dir, pattern)
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i := len(b) / 3; i < len(b)/3+64 && i < len(b); i++ {
			b[i] ^= 0xff
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func overwrite(pattern, content string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		if err := os.WriteFile(file(t, dir, pattern), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// asides are the directories that were set aside.
func asides(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(dir + "-damaged-*")
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// whole reports whether a store has the first batches and no trace of later ones.
// It is not whole if RocksDB finds damage while it reads.
func whole(t *testing.T, s *rocksstore.Seats) (batches int, err error) {
	t.Helper()
	got, found, err := s.Load(1, 0)
	if err != nil || !found {
		return 0, err
	}
	batches = int(got.Fold.Next)
	want := port.SeatSnapshot{SeatFold: batch(batches - 1).SeatFold, Sections: batch(0).Sections}
	for n := range batches {
		want.Seats = append(want.Seats, batch(n).Seats...)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the store is torn: it says %d batches and has %d seats, %d sections", batches, len(got.Seats), len(got.Sections))
	}
	for n := range written {
		o, found, err := s.Outcome(1, batch(n).Outcomes[0].BookingID)
		if err != nil {
			return 0, err
		}
		if found != (n < batches) || found && !reflect.DeepEqual(o, batch(n).Outcomes[0]) {
			t.Errorf("the store is torn: it says %d batches, outcome %d is there: %t", batches, n, found)
		}
	}
	return batches, nil
}

// A directory that RocksDB cannot open is set aside, once, and a new store is
// made: the journal is the truth. Nothing that is left of it is taken over.
func TestADamagedStoreIsSetAside(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){
		"an empty SST":              truncate("*.sst", empty),
		"half an SST":               truncate("*.sst", half),
		"an SST without its end":    truncate("*.sst", oneOff),
		"no SST":                    remove("*.sst"),
		"an empty CURRENT":          truncate("CURRENT", empty),
		"half a CURRENT":            truncate("CURRENT", half),
		"a CURRENT of another name": overwrite("CURRENT", "MANIFEST-999999\n"),
		"no CURRENT":                remove("CURRENT"),
		"no MANIFEST":               remove("MANIFEST-*"),
		"an empty MANIFEST":         truncate("MANIFEST-*", empty),
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "seats")
			fill(t, dir)
			damage(t, dir)
			var log bytes.Buffer

			s, err := rocksstore.Open(dir, slog.New(slog.NewTextHandler(&log, nil)))

			if err != nil {
				t.Fatal(err)
			}
			if n, err := whole(t, s); n != 0 || err != nil {
				t.Errorf("the new store has %d batches, %v", n, err)
			}
			if err := s.Write(batch(0)); err != nil {
				t.Errorf("the new store does not take a batch: %v", err)
			}
			s.Close()
			aside := asides(t, dir)
			if len(aside) != 1 {
				t.Fatalf("set aside: %v", aside)
			}
			stamp := strings.TrimPrefix(aside[0], dir+"-damaged-")
			if at, err := time.Parse("20060102T150405.000Z", stamp); err != nil || time.Since(at).Abs() > time.Minute {
				t.Errorf("the name has no time: %s", stamp)
			}
			if files, _ := os.ReadDir(aside[0]); len(files) < 3 {
				t.Errorf("what was set aside is gone: %v", files)
			}
			if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), aside[0]) {
				t.Errorf("the log says %q", log.String())
			}
			log.Reset()
			again, err := rocksstore.Open(dir, slog.New(slog.NewTextHandler(&log, nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer again.Close()
			if n, err := whole(t, again); n != 1 || err != nil || log.Len() > 0 || len(asides(t, dir)) != 1 {
				t.Errorf("the second start finds %d batches, %v, says %q, set aside %v", n, err, log.String(), asides(t, dir))
			}
		})
	}
}

// A volume that is mounted at the directory cannot be renamed.
func TestADamagedStoreOnAMountPointIsSetAsideBelowIt(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=32m"); err != nil {
		t.Fatalf("a small tmpfs is needed for a mount point (root): %v", err)
	}
	defer func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }()
	for n := 1; n <= 2; n++ { // the second time beside what was set aside before
		fill(t, dir)
		truncate("CURRENT", empty)(t, dir)
		var log bytes.Buffer

		s, err := rocksstore.Open(dir+"/", slog.New(slog.NewTextHandler(&log, nil)))

		if err != nil {
			t.Fatal(err)
		}
		if batches, err := whole(t, s); batches != 0 || err != nil {
			t.Errorf("the new store has %d batches, %v", batches, err)
		}
		s.Close()
		aside, err := filepath.Glob(filepath.Join(dir, "damaged-*", "CURRENT"))
		if err != nil || len(aside) != n || strings.Count(log.String(), "level=ERROR") != 1 {
			t.Errorf("set aside: %v, %v; the log says %q", aside, err, log.String())
		}
	}
}

// RocksDB mends these by itself. What it then has is a state of before, whole:
// the journal is folded on from there.
func TestAStoreThatLostItsLastWritesIsOlderAndWhole(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){
		"half a log":                 truncate("*.log", half),
		"a changed log":              flip("*.log"),
		"an empty log":               truncate("*.log", empty),
		"no log":                     remove("*.log"),
		"an empty IDENTITY":          truncate("IDENTITY", empty),
		"no directory":               func(t *testing.T, dir string) { _ = os.RemoveAll(dir) },
		"a MANIFEST without its end": truncate("MANIFEST-*", oneOff),
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "seats")
			fill(t, dir)
			damage(t, dir)

			s, err := rocksstore.Open(dir, slog.New(slog.NewTextHandler(t.Output(), nil)))

			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			n, err := whole(t, s)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%d of %d batches are left, set aside %v", n, written, asides(t, dir))
		})
	}
}

// Damage that opening does not find is found while reading. The process must end:
// what it has in memory and what it would write do not belong to a new store.
func TestDamageFoundWhileReadingEndsTheProcess(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){
		"a changed SST":      flip("*.sst"),
		"a changed MANIFEST": flip("MANIFEST-*"), // RocksDB forgets the SST without an error
		"half a MANIFEST":    truncate("MANIFEST-*", half),
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "seats")
			fill(t, dir)
			damage(t, dir)
			s, err := rocksstore.Open(dir, slog.New(slog.NewTextHandler(t.Output(), nil)))
			if err != nil {
				t.Fatal(err)
			}
			if aside := asides(t, dir); len(aside) != 0 {
				t.Fatalf("damage was found at once: %v", aside)
			}

			_, err = whole(t, s)

			if err == nil {
				t.Fatal("a damaged store was read")
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			if err := s.Watch(ctx); err == nil {
				t.Error("the process is not told to end")
			}
			s.Close()
			next, err := rocksstore.Open(dir, slog.New(slog.NewTextHandler(t.Output(), nil)))
			if err != nil {
				t.Fatal(err)
			}
			defer next.Close()
			if n, err := whole(t, next); n != 0 || err != nil || len(asides(t, dir)) != 1 {
				t.Errorf("after a restart: %d batches, %v, set aside %v", n, err, asides(t, dir))
			}
			quiet, cancel := context.WithCancel(t.Context())
			cancel()
			if err := next.Watch(quiet); err != nil {
				t.Errorf("a sound store ends the process: %v", err)
			}
		})
	}
}

const holdDir = "ONSALE_TEST_HOLD_STORE"

// TestMain also is the other process that has a store open.
func TestMain(m *testing.M) {
	if dir := os.Getenv(holdDir); dir != "" {
		s, err := rocksstore.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("open")
		_, _ = os.Stdin.Read(make([]byte, 1)) // until the test is done
		s.Close()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// Nothing is wrong with a store in these cases: the error says what is to be
// done, and the directory stays as it is.
func TestASoundStoreIsNeverSetAside(t *testing.T) {
	refused := func(t *testing.T, dir, why string, open func() error) {
		t.Helper()
		err := open()
		if err == nil || !strings.Contains(err.Error(), why) {
			t.Errorf("got %v, want %s", err, why)
		}
		if aside := asides(t, dir); len(aside) != 0 {
			t.Errorf("set aside: %v", aside)
		}
	}
	open := func(dir string) error {
		s, err := rocksstore.Open(dir, slog.New(slog.DiscardHandler))
		if err == nil {
			s.Close()
		}
		return err
	}
	t.Run("that another process has open", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "seats")
		fill(t, dir)
		other := exec.Command(os.Args[0])
		other.Env = append(os.Environ(), holdDir+"="+dir)
		hold, err := other.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		says, err := other.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Start(); err != nil {
			t.Fatal(err)
		}
		first := make([]byte, 4)
		if _, err := says.Read(first); err != nil || string(first) != "open" {
			t.Fatalf("the other process says %q, %v", first, err)
		}
		refused(t, dir, "lock", func() error { return open(dir) })
		_ = hold.Close()
		if err := other.Wait(); err != nil {
			t.Fatal(err)
		}
		if err := open(dir); err != nil {
			t.Errorf("after the other process: %v", err)
		}
	})
	t.Run("that this process may not read", func(t *testing.T) {
		dir := filepath.Join(t.TempDir(), "seats")
		fill(t, dir)
		if os.Getuid() != 0 {
			if err := os.Chmod(dir, 0); err != nil {
				t.Fatal(err)
			}
			defer func() { _ = os.Chmod(dir, 0o700) }()
			refused(t, dir, "Permission denied", func() error { return open(dir) })
			return
		}
		result := make(chan error, 1)
		go func() {
			// Root may read everything. This thread becomes nobody for the file system,
			// and ends with the goroutine, since it is never unlocked.
			runtime.LockOSThread()
			const nobody = 65534
			_, _, _ = syscall.RawSyscall(syscall.SYS_SETFSUID, nobody, 0, 0)
			result <- open(dir)
		}()
		refused(t, dir, "ermission denied", func() error { return <-result })
	})
	t.Run("on a full disk", func(t *testing.T) {
		disk := t.TempDir()
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=16m"); err != nil {
			t.Fatalf("a small tmpfs is needed for a full disk (root): %v", err)
		}
		defer func() { _ = syscall.Unmount(disk, syscall.MNT_DETACH) }()
		dir := filepath.Join(disk, "seats")
		fill(t, dir)
		filler, err := os.Create(filepath.Join(disk, "filler"))
		if err != nil {
			t.Fatal(err)
		}
		for err == nil {
			_, err = filler.Write(make([]byte, 1024))
		}
		_ = filler.Close()
		refused(t, dir, "no space left", func() error { return open(dir) })
		if err := os.Remove(filler.Name()); err != nil {
			t.Fatal(err)
		}
		s, err := rocksstore.Open(dir, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatalf("with space again: %v", err)
		}
		defer s.Close()
		if n, err := whole(t, s); n == 0 || err != nil {
			t.Errorf("with space again: %d batches, %v", n, err)
		}
	})
}
