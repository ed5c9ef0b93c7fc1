package rocksstore

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// errDamaged is in the chain of errors that tell of rows which are not what was
// written.
var errDamaged = errors.New("the seat store is damaged")

// isDamage reports whether an error says that the files of a store are not what
// RocksDB wrote: they cannot be mended by trying again. Texts are all that RocksDB
// gives; those of the operating system are in them.
func isDamage(err error) bool {
	if err == nil {
		return false
	}
	if errors.Is(err, errDamaged) {
		return true
	}
	text := err.Error()
	for _, sound := range []syscall.Errno{syscall.EACCES, syscall.EPERM, syscall.EROFS, syscall.ENOSPC, syscall.EDQUOT, syscall.EMFILE, syscall.ENFILE,
		syscall.ENOMEM, syscall.EAGAIN, syscall.EIO, syscall.ESTALE} {
		if strings.Contains(strings.ToLower(text), strings.ToLower(sound.Error())) {
			return false
		}
	}
	if strings.Contains(text, "lock hold by current process") || strings.Contains(text, "While lock file") {
		return false
	}
	return strings.Contains(text, "Corruption: ") || strings.Contains(text, "IO error: No such file or directory") // one that the store names
}

// mark is a file in the directory of a store. It says that the store was found to
// be damaged while it was in use.
const mark = "DAMAGED"

// openSound opens the store in a directory. One that is damaged is set aside, and
// a new one is made: the journal is the truth, and is folded anew.
func openSound(dir string, log *slog.Logger) (*db, error) {
	d, err := openDB(dir, false)
	if err == nil { // no other process has it open
		found, readErr := os.ReadFile(filepath.Join(dir, mark))
		if readErr != nil {
			return d, nil
		}
		d.close()
		err = fmt.Errorf("%w: %s", errDamaged, found)
	}
	if !isDamage(err) {
		return nil, err
	}
	aside, moved := setAside(filepath.Clean(dir), time.Now())
	if moved != nil {
		return nil, fmt.Errorf("%w, and cannot be set aside: %w", err, moved)
	}
	log.Error("RocksDB is damaged: it was set aside, and the seats are folded anew from the journal", "dir", dir, "set_aside", aside, "error", err)
	return openDB(dir, false)
}

// setAside renames a directory. One that is a mount point cannot be renamed: its
// files are moved into a directory below it, which RocksDB ignores.
func setAside(dir string, now time.Time) (aside string, err error) {
	name := "damaged-" + now.UTC().Format("20060102T150405.000Z")
	aside = dir + "-" + name
	err = os.Rename(dir, aside)
	if !errors.Is(err, syscall.EBUSY) && !errors.Is(err, syscall.EXDEV) {
		return aside, err
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	aside = filepath.Join(dir, name)
	if err := os.Mkdir(aside, 0o700); err != nil {
		return "", err
	}
	for _, f := range files {
		if f.IsDir() { // set aside earlier
			continue
		}
		if err := os.Rename(filepath.Join(dir, f.Name()), filepath.Join(aside, f.Name())); err != nil {
			return "", err
		}
	}
	return aside, nil
}

// check takes note of damage that is found while the store is in use. It returns
// err.
func (d *db) check(err error) error {
	if !isDamage(err) || d.readOnly {
		return err
	}
	d.damage.Do(func() {
		if marked := os.WriteFile(filepath.Join(d.dir, mark), []byte(err.Error()), 0o600); marked != nil {
			err = errors.Join(err, marked)
		}
		d.damaged <- err
	})
	return err
}

// Watch blocks until ctx is done, and returns nil then, or until RocksDB turns out
// to be damaged. Then the error says how, and the process must end: what it has in
// memory belongs to the store that is lost. The next Open makes a new one.
func (s *Seats) Watch(ctx context.Context) error {
	select {
	case err := <-s.db.damaged:
		return fmt.Errorf("RocksDB is damaged; at the next start the seats are folded anew from the journal: %w", err)
	case <-ctx.Done():
		return nil
	}
}

// minFree is the space that opening a store needs, in bytes. RocksDB aborts the
// process when the disk fills up in the midst of it.
const minFree = 4 << 20

func checkSpace(dir string) error {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(dir, &disk); err != nil {
		return err
	}
	if free := disk.Bavail * uint64(disk.Bsize); free < minFree {
		return fmt.Errorf("%w: %d KiB are free, a store needs %d", syscall.ENOSPC, free>>10, minFree>>10)
	}
	return nil
}
