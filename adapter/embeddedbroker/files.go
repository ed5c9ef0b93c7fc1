package embeddedbroker

import (
	"errors"
	"net"
	"os"
	"reflect"
	"syscall"
	"time"
	"unsafe" // for go:linkname

	"github.com/twmb/franz-go/pkg/kfake"
)

// kfake keeps the files of each partition open that it has written to or read since it
// started, two and more. So the descriptors would end after some hundred events, most of
// which sleep. A file is synced when it is closed, and opened again when it is needed, so
// all files may be closed at any time. kfake has no call for that. These two are linked
// by name: a program with a kfake that lacks them does not build, and
// TestManyEventsOnFewDescriptors tests what they do.

//go:linkname inLoop github.com/twmb/franz-go/pkg/kfake.(*Cluster).admin
func inLoop(c *kfake.Cluster, fn func())

//go:linkname closePartition github.com/twmb/franz-go/pkg/kfake.(*partData).closeAllFiles
func closePartition(partition unsafe.Pointer, sync bool)

// partitions calls fn with each partition, in the goroutine that does all of kfake's
// work.
func (b *Broker) partitions(fn func(topic string, partition unsafe.Pointer)) {
	inLoop(b.cluster, func() {
		topics := reflect.ValueOf(b.cluster).Elem().FieldByName("data").FieldByName("tps").MapRange()
		for topics.Next() {
			for partitions := topics.Value().MapRange(); partitions.Next(); {
				fn(topics.Key().String(), partitions.Value().UnsafePointer())
			}
		}
	})
}

// often is how often the descriptors are counted.
const often = 200 * time.Millisecond

// watchFiles closes all files whenever half of the descriptors are in use.
func (b *Broker) watchFiles() {
	defer close(b.stopped)
	tick := time.NewTicker(often)
	defer tick.Stop()
	for {
		b.spareFiles()
		select {
		case <-tick.C:
		case <-b.short:
		case <-b.stop:
			return
		}
	}
}

// spareFiles closes all files if half of the descriptors are in use. It returns how
// many are then, and how many there may be; 0 and 0 if that cannot be told.
func (b *Broker) spareFiles() (used, most int) {
	used, most = descriptors()
	if used <= most/2 {
		return used, most
	}
	b.closeFiles()
	return descriptors()
}

func (b *Broker) closeFiles() {
	b.partitions(func(_ string, partition unsafe.Pointer) { closePartition(partition, false) })
}

// descriptors returns how many files this process has open, and how many it may have.
func descriptors() (used, most int) {
	var limit syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit) != nil {
		return 0, 0
	}
	most = int(min(limit.Cur, 1<<30))
	if info, err := os.Stat(openFiles); err == nil && info.Size() > 0 {
		return int(info.Size()), most // Linux 6.2 and later
	}
	names, err := os.ReadDir(openFiles)
	switch {
	case errors.Is(err, syscall.EMFILE):
		return most, most
	case err != nil:
		return 0, 0
	}
	return len(names), most
}

// openFiles has an entry for each file that this process has open.
const openFiles = "/proc/self/fd"

// patient is a listener that goes on when there are no descriptors for a connection.
// kfake would stop listening for ever. On its connections answers wait for the disk.
type patient struct {
	net.Listener
	short  chan<- struct{}
	syncer *syncer
}

// Accept waits for the next connection.
func (p patient) Accept() (net.Conn, error) {
	for {
		c, err := p.Listener.Accept()
		if err == nil {
			return newConn(c, p.syncer), nil
		}
		if !errors.Is(err, syscall.EMFILE) && !errors.Is(err, syscall.ENFILE) {
			return nil, err
		}
		select {
		case p.short <- struct{}{}:
		default:
		}
		time.Sleep(20 * time.Millisecond)
	}
}
