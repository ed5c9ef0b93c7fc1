package rocksstore

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"

	"github.com/linxGnu/grocksdb"
)

// errClosed is the error of each call after Close: RocksDB itself would crash the
// process.
var errClosed = errors.New("the seat store is closed")

// db guards the C handles: no call after close, and only copies leave it.
type db struct {
	dir      string
	readOnly bool
	damage   sync.Once
	damaged  chan error // what was found first while in use

	mu     sync.RWMutex
	closed bool
	handle *grocksdb.DB
	opts   *grocksdb.Options
	cache  *grocksdb.Cache
	read   *grocksdb.ReadOptions
	write  *grocksdb.WriteOptions
}

// Sizes are small: the working set is a few megabytes, and reads of seats are
// served from the map in memory.
const (
	blockCache  = 16 << 20
	writeBuffer = 8 << 20
	bloomBits   = 10 // a booking that was never seen costs no read
)

func openDB(dir string, readOnly bool) (*db, error) {
	if !readOnly {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		if err := checkSpace(dir); err != nil {
			return nil, err
		}
	}
	d := &db{dir: dir, readOnly: readOnly, damaged: make(chan error, 1), opts: grocksdb.NewDefaultOptions(), cache: grocksdb.NewLRUCache(blockCache),
		read: grocksdb.NewDefaultReadOptions(), write: grocksdb.NewDefaultWriteOptions()}
	table := grocksdb.NewDefaultBlockBasedTableOptions()
	table.SetFilterPolicy(grocksdb.NewBloomFilter(bloomBits))
	table.SetBlockCache(d.cache)
	d.opts.SetBlockBasedTableFactory(table)
	d.opts.SetCreateIfMissing(true)
	d.opts.SetWriteBufferSize(writeBuffer)
	d.opts.SetMaxWriteBufferNumber(2)
	d.opts.SetMaxOpenFiles(64)
	d.opts.SetKeepLogFileNum(2)
	// The write-ahead log is not synced: after a power cut the store is older
	// than the journal, which is folded from there on again.
	d.write.SetSync(false)
	var err error
	if readOnly {
		d.handle, err = grocksdb.OpenDbForReadOnly(d.opts, dir, false)
	} else {
		d.handle, err = grocksdb.OpenDb(d.opts, dir)
	}
	if err != nil {
		d.free()
		return nil, fmt.Errorf("open RocksDB: %w", err)
	}
	return d, nil
}

func (d *db) close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.closed = true
	d.handle.Close()
	d.free()
}

// free releases what was made to open the store.
func (d *db) free() {
	d.read.Destroy()
	d.write.Destroy()
	d.opts.Destroy()
	d.cache.Destroy()
}

// get returns a copy of a value, nil if there is none.
func (d *db) get(key []byte) ([]byte, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return nil, errClosed
	}
	v, err := d.handle.Get(d.read, key)
	if err != nil {
		return nil, d.check(err)
	}
	defer v.Free()
	if !v.Exists() {
		return nil, nil
	}
	return slices.Clone(v.Data()), nil
}

// scan calls fn with a copy of each row whose key begins with prefix, in key
// order.
func (d *db) scan(prefix []byte, fn func(key, value []byte) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return errClosed
	}
	it := d.handle.NewIterator(d.read)
	defer it.Close()
	for it.Seek(prefix); it.ValidForPrefix(prefix); it.Next() {
		k, v := it.Key(), it.Value()
		err := fn(slices.Clone(k.Data()), slices.Clone(v.Data()))
		k.Free()
		v.Free()
		if err != nil {
			return err
		}
	}
	return d.check(it.Err())
}

// batch writes what fill puts in, as one step.
func (d *db) batch(fill func(*grocksdb.WriteBatch)) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return errClosed
	}
	b := grocksdb.NewWriteBatch()
	defer b.Destroy()
	fill(b)
	return d.check(d.handle.Write(d.write, b))
}

// checkpoint makes a consistent copy in a directory that does not exist yet;
// files are linked, not copied.
func (d *db) checkpoint(dir string) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.closed {
		return errClosed
	}
	c, err := d.handle.NewCheckpoint()
	if err != nil {
		return err
	}
	defer c.Destroy()
	return c.CreateCheckpoint(dir, 0)
}
