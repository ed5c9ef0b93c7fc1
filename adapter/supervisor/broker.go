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

// Broker says what an installation speaks the Kafka protocol with.
type Broker string

// The kinds of brokers.
const (
	Embedded Broker = "embedded" // a process of our own, without a JVM
	Apache   Broker = "apache"   // an Apache Kafka node of our own
	External Broker = "external" // a cluster that somebody else runs
)

// Names of the stores of our own among the processes.
const (
	BrokerProcess   = "broker"
	PostgresProcess = "postgres"
	RedisProcess    = "redis"
)

// ErrOtherBroker tells that the data directory was filled with another broker.
var ErrOtherBroker = errors.New("it was made with another broker")

// keepBroker answers the kind of broker that the installation was made with,
// and keeps it if the installation is new: half of what is recorded lies in the
// broker, and is not found in another.
func (c Config) keepBroker() (Broker, error) {
	content, err := os.ReadFile(c.path("broker-kind"))
	was := Broker(strings.TrimSpace(string(content)))
	if errors.Is(err, os.ErrNotExist) {
		was = ""
		if _, err := os.Stat(c.path("broker")); err == nil {
			was = Embedded // of a time when there was no other
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
	return "", fmt.Errorf("%s: %w (%s, not %s)", c.DataDir, ErrOtherBroker, was, c.Broker)
}

// startBroker starts the broker, if it is ours to start.
func (i *Installation) startBroker(ctx context.Context) error {
	log := i.config.log(BrokerProcess)
	switch i.config.Broker {
	case External:
		return nil
	case Apache:
		if err := i.apache.Init(ctx); err != nil {
			return err
		}
		return i.part(ctx, i.apache.Program(log), i.apache.Await)
	default:
		_, port, err := net.SplitHostPort(i.record.Kafka)
		if err != nil {
			return err
		}
		return i.part(ctx, Program{Name: BrokerProcess, Path: filepath.Join(i.config.Bin, "onsale"), Log: log,
			Args: []string{"broker", "--dir", i.config.path("broker"), "--port", port},
			Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL}, listens(i.record.Kafka))
	}
}
