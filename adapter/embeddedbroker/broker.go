// Package embeddedbroker runs a broker with Kafka's protocol for one machine: kfake
// with a data directory and synchronous writes.
package embeddedbroker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/twmb/franz-go/pkg/kfake"
)

// maxRecord is the largest size of a record in bytes: that of an irregular hall of
// 100,000 seats.
const maxRecord = "4194304"

// Broker is a running broker.
type Broker struct{ cluster *kfake.Cluster }

// Start starts a broker on 127.0.0.1 at a port; 0 is any free port. It goes on with
// the data of an earlier run.
func Start(dir string, port int) (*Broker, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	// kfake saves its idempotence windows at a clean stop only, but loads them after
	// a later kill as well. Then producers of before the kill get a fatal error.
	if err := os.Remove(filepath.Join(dir, "seq_windows.json")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.Ports(port), kfake.DataDir(dir), kfake.SyncWrites(),
		kfake.ClusterID("onsale-embedded"), kfake.BrokerConfigs(map[string]string{"message.max.bytes": maxRecord}))
	if err != nil {
		return nil, fmt.Errorf("start the embedded broker: %w", err)
	}
	return &Broker{cluster: cluster}, nil
}

// Addr returns host:port.
func (b *Broker) Addr() string { return b.cluster.ListenAddrs()[0] }

// Close stops the broker. Records that were acknowledged are on disk.
func (b *Broker) Close() { b.cluster.Close() }
