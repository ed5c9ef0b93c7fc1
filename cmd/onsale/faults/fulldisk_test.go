package faults_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// F26: the disk of one store fills up while buyers book. The log says so. When
// there is space again, each section sells within 30 s, and nothing that was
// acknowledged is lost.
func TestF26_FullDisk(t *testing.T) {
	for _, store := range []struct {
		name string
		dir  string // in the data directory
		size string // of its disk
		log  string // that says so
	}{
		{"RocksDB", "seats", "8m", "seat-reservation-service"}, // RocksDB allocates 9 MB for its log in advance if it can
		{"PostgreSQL", "postgres", "256m", "postgres"},
		{"broker", "broker", "64m", "broker"},
	} {
		t.Run(store.name, func(t *testing.T) {
			t.Parallel()
			disk := smallDisk(t, store.size)
			in := e2e.Prepare(t, e2e.Config{Broker: e2e.Embedded, Args: []string{"--no-demo", "--payment-window", "20s"}, Binaries: e2e.Binaries})
			in.Up()
			event := in.Register("seller", "seller@example.com").CreateEvent("Full")
			in.Down()
			moveTo(t, filepath.Join(in.Data, store.dir), disk)
			in.Up()
			people := in.Minted(40)
			load := in.Load(event, people, e2e.Seed(t), e2e.Thinks)
			load.Begun(in)

			filler := fill(t, disk)
			in.Eventually("the log of "+store.log+" says that the disk is full", time.Minute, func() bool {
				return strings.Contains(strings.ToLower(in.Log(store.log)), "no space left on device")
			})
			time.Sleep(3 * time.Second) // the fault lasts
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}

			in.SellsEverywhere(people[0], event, "space")
			load.End()
			in.Resolved(load.Told)
			in.Verify()
		})
	}
}

// smallDisk mounts a file system of its own, in memory.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=755,size="+size); err != nil {
		t.Fatalf("this test fills a disk and mounts a small tmpfs for it, which failed: %v; run it as root, in a container with --cap-add SYS_ADMIN", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Errorf("unmount %s: %v", dir, err)
		}
	})
	return dir
}

// moveTo moves a directory to a disk and leaves a link in its place.
func moveTo(t *testing.T, dir, disk string) {
	t.Helper()
	to := filepath.Join(disk, filepath.Base(dir))
	if out, err := exec.Command("cp", "-a", dir, to).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := errors.Join(os.RemoveAll(dir), os.Symlink(to, dir)); err != nil {
		t.Fatal(err)
	}
}

// fill writes a file until the disk is full.
func fill(t *testing.T, disk string) string {
	t.Helper()
	name := filepath.Join(disk, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 4096); err == nil; {
		_, err = f.Write(block)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	return name
}
