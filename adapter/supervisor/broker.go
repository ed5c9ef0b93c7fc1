package supervisor

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// Broker is the kind of Kafka broker that an installation uses.
type Broker string

// The kinds of brokers.
const (
	Embedded Broker = "embedded" // kfake in a process that we run, without a JVM
	Apache   Broker = "apache"   // a node of Apache Kafka that we run
	External Broker = "external" // a cluster that is not ours to start or stop
)

// Names of the stores that we run, among the processes.
const (
	BrokerProcess   = "broker"
	PostgresProcess = "postgres"
	RedisProcess    = "redis"
)

// ErrOtherBroker reports that the data directory was made with another broker.
var ErrOtherBroker = errors.New("it was made with another broker, which has its records; choose another directory with --data-dir")

// keepBroker returns the kind of broker that the installation was made with. A
// new installation stores its kind. The kind cannot change later: the journals
// and messages are in the broker, and another broker does not have them.
func (c Config) keepBroker() (Broker, error) {
	content, err := os.ReadFile(c.path("broker-kind"))
	was := Broker(strings.TrimSpace(string(content)))
	if errors.Is(err, os.ErrNotExist) {
		was = ""
		if _, err := os.Stat(c.path("broker")); err == nil {
			was = Embedded // older installations had no other kind
		}
	} else if err != nil {
		return "", err
	}
	switch {
	case was == "":
		is := c.Broker
		if is == "" {
			is = Embedded
		}
		return is, writeSecret(c.path("broker-kind"), string(is)+"\n")
	case c.Broker == "" || c.Broker == was:
		return was, nil
	}
	return "", fmt.Errorf("%s (%s, not %s): %w", c.DataDir, was, c.Broker, ErrOtherBroker)
}

// startBroker starts the broker, unless it is external.
func (i *Installation) startBroker(ctx context.Context) error {
	log := i.config.log(BrokerProcess)
	switch i.config.Broker {
	case External:
		return nil
	case Apache:
		if err := i.apache.Init(ctx); err != nil {
			return err
		}
		return i.add(ctx, i.apache.Program(log), i.apache.Await)
	default:
		_, port, err := net.SplitHostPort(i.record.Kafka)
		if err != nil {
			return err
		}
		return i.add(ctx, Program{Name: BrokerProcess, Path: filepath.Join(i.config.Bin, "onsale"), Log: log,
			Args: []string{"broker", "--dir", i.config.path("broker"), "--port", port},
			Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL}, listens(i.record.Kafka))
	}
}
