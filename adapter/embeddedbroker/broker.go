// Package embeddedbroker runs a broker with Kafka's protocol for one machine: kfake
// with a data directory and synchronous writes.
package embeddedbroker

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// maxRecord is the largest size of a record in bytes: that of an irregular hall of
// 100,000 seats.
const maxRecord = "4194304"

// Broker is a running broker.
type Broker struct {
	cluster *kfake.Cluster
	syncer  *syncer
	most    int           // partitions that may exist; 0: any number
	short   chan struct{} // rings when the descriptors have ended
	once    sync.Once
	stop    chan struct{}
	stopped chan struct{}
}

// Start starts a broker on 127.0.0.1 at a port; 0 is any free port. It goes on with
// the data of an earlier run.
func Start(dir string, port int) (*Broker, error) { return StartLimited(dir, port, 0) }

// StartLimited is Start of a broker that refuses new topics when so many partitions
// exist; 0 is no such limit.
func StartLimited(dir string, port, most int) (*Broker, error) {
	return start(dir, port, most, func(l net.Listener) net.Listener { return l }, (*os.File).Sync)
}

// StartBehind starts a broker on 127.0.0.1 at a port, whose clients are told to
// connect to a proxy in front of it.
func StartBehind(dir string, port int, proxy net.Addr) (*Broker, error) {
	return start(dir, port, 0, func(l net.Listener) net.Listener { return behind{l, proxy} }, (*os.File).Sync)
}

// behind is a listener that gives a proxy's address for its own.
type behind struct {
	net.Listener
	proxy net.Addr
}

func (b behind) Addr() net.Addr { return b.proxy }

func start(dir string, port, most int, front func(net.Listener) net.Listener, sync func(*os.File) error) (*Broker, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// kfake saves its idempotence windows at a clean stop only, but loads them after
	// a later kill as well. Then producers of before the kill get a fatal error.
	if err := os.Remove(filepath.Join(dir, "seq_windows.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if err := sameInterfaces(); err != nil {
		return nil, err
	}
	b := &Broker{syncer: &syncer{sync: sync}, most: most, short: make(chan struct{}, 1), stop: make(chan struct{}), stopped: make(chan struct{})}
	listen := kfake.ListenFn(func(network, addr string) (net.Listener, error) {
		l, err := net.Listen(network, addr)
		return front(patient{l, b.short, b.syncer}), err
	})
	var err error
	b.cluster, err = kfake.NewCluster(kfake.Ports(port), listen, kfake.NumBrokers(1), kfake.DataDir(dir), kfake.SyncWrites(), withFS(newDisk(b.syncer)),
		kfake.WithLogger(kfake.BasicLogger(os.Stderr, kfake.LogLevelWarn)), // a write that failed, for example on a full disk
		kfake.ClusterID("onsale-embedded"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": maxRecord}))
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	b.cluster.ControlKey(int16(kmsg.CreateTopics), b.refuse)
	go b.watchFiles()
	return b, nil
}

// Addr returns host:port.
func (b *Broker) Addr() string { return b.cluster.ListenAddrs()[0] }

// Close stops the broker. Records that were acknowledged are on disk.
func (b *Broker) Close() {
	b.once.Do(func() {
		close(b.stop)
		<-b.stopped
		b.closeFiles() // kfake needs descriptors to save
		b.cluster.Close()
	})
}
