package embeddedbroker

import (
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	_ "unsafe" // for go:linkname

	"github.com/twmb/franz-go/pkg/kfake"
)

// kfake appends each batch of records to a file of its partition, in the one goroutine
// that does all of its work, and syncs the file there before it goes on. A disk takes
// about a millisecond for that, and much less for each of many files at once: so a
// hundred events that sell at once would wait for one disk write after the other. Here
// a sync only marks the file; the answers to clients wait for the disk instead (see
// syncer and conn), together.
//
// kfake has an option for its file system, which it keeps for its tests. It is linked
// by name, as the functions of files.go are.

//go:linkname withFS github.com/twmb/franz-go/pkg/kfake.withFS
func withFS(fileSystem) kfake.Opt

// fileSystem must have the methods of kfake's interface of that purpose, and file those
// of its files: see sameInterfaces.
type fileSystem interface {
	OpenFile(name string, flag int, perm os.FileMode) (file, error)
	Rename(oldpath, newpath string) error
	Remove(name string) error
	RemoveAll(path string) error
	MkdirAll(path string, perm os.FileMode) error
	ReadDir(name string) ([]os.DirEntry, error)
	ReadFile(name string) ([]byte, error)
	Stat(name string) (os.FileInfo, error)
}

type file interface {
	io.Writer
	io.Reader
	io.Closer
	Seek(offset int64, whence int) (int64, error)
	Truncate(size int64) error
	Sync() error
}

// sameInterfaces returns an error if kfake's file system is another interface than
// ours: calls would go to the wrong methods.
func sameInterfaces() error {
	field, has := reflect.TypeFor[kfake.Cluster]().FieldByName("fs")
	if !has || !sameShape(field.Type, reflect.TypeFor[fileSystem]()) {
		return errors.New("this version of kfake has another interface for its file system than the embedded broker")
	}
	return nil
}

// sameShape reports whether two types are the same, or are interfaces whose methods
// have the same names and shapes.
func sameShape(a, b reflect.Type) bool {
	if a == b {
		return true
	}
	if a.Kind() != reflect.Interface || b.Kind() != reflect.Interface || a.NumMethod() != b.NumMethod() {
		return false
	}
	for i := range a.NumMethod() {
		x, y := a.Method(i), b.Method(i)
		if x.Name != y.Name || x.Type.NumIn() != y.Type.NumIn() || x.Type.NumOut() != y.Type.NumOut() {
			return false
		}
		for n := range x.Type.NumIn() {
			if x.Type.In(n) != y.Type.In(n) {
				return false
			}
		}
		for n := range x.Type.NumOut() {
			if !sameShape(x.Type.Out(n), y.Type.Out(n)) {
				return false
			}
		}
	}
	return true
}

// disk is the file system of the operating system. What is written to its files is
// durable when the round of its syncer is over.
type disk struct {
	syncer *syncer
	// When it starts and when it stops, kfake reads and writes the state of all
	// partitions at once. Whoever opens a file for that takes a place here.
	few chan struct{}
}

func newDisk(s *syncer) disk { return disk{s, make(chan struct{}, 32)} }

func (d disk) OpenFile(name string, flag int, perm os.FileMode) (file, error) {
	done := func() {}
	if strings.HasSuffix(name, ".tmp") { // it is written whole, and renamed
		done = sync.OnceFunc(d.enter()) // some are closed twice
	}
	f, err := os.OpenFile(name, flag, perm)
	if err != nil {
		done()
		return nil, err
	}
	return &syncedFile{File: f, syncer: d.syncer, closed: done, index: strings.HasSuffix(name, ".idx")}, nil
}

func (disk) Rename(oldpath, newpath string) error         { return os.Rename(oldpath, newpath) }
func (disk) Remove(name string) error                     { return os.Remove(name) }
func (disk) RemoveAll(path string) error                  { return os.RemoveAll(path) }
func (disk) MkdirAll(path string, perm os.FileMode) error { return os.MkdirAll(path, perm) }
func (disk) Stat(name string) (os.FileInfo, error)        { return os.Stat(name) }

func (d disk) ReadDir(name string) ([]os.DirEntry, error) {
	defer d.enter()()
	return os.ReadDir(name)
}

func (d disk) ReadFile(name string) ([]byte, error) {
	defer d.enter()()
	return os.ReadFile(name)
}

func (d disk) enter() (leave func()) {
	d.few <- struct{}{}
	return func() { <-d.few }
}

// syncedFile is a file that a syncer makes durable. Only kfake's goroutine writes and
// closes it.
type syncedFile struct {
	*os.File
	syncer *syncer
	closed func()
	// An index of a segment holds leader epochs and transactions, which a single broker
	// does not have: an entry that is lost reads as one that is right.
	index bool

	dirty   atomic.Bool // written since the last sync began
	syncing sync.Mutex
}

func (f *syncedFile) Write(p []byte) (int, error) {
	n, err := f.File.Write(p)
	f.dirty.Store(!f.index) // after the write: a sync that began before may have missed it
	return n, err
}

// Sync lets all later answers wait until what was written is durable.
func (f *syncedFile) Sync() error {
	if !f.index {
		f.syncer.written(f)
	}
	return nil
}

// Close makes the file durable and closes it.
func (f *syncedFile) Close() error {
	defer f.closed()
	return errors.Join(f.flush(), f.File.Close())
}

// flush makes durable what was written before the call.
func (f *syncedFile) flush() error {
	f.syncing.Lock() // whoever finds nothing to do must not return before it is done
	defer f.syncing.Unlock()
	if !f.dirty.Swap(false) {
		return nil
	}
	if err := f.syncer.sync(f.File); err != nil {
		return f.syncer.fail(fmt.Errorf("sync %s: %w", f.Name(), err))
	}
	return nil
}
