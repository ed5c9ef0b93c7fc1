package e2e

import "testing"

// Broker is the kind of broker that an installation runs on.
type Broker string

const (
	Embedded Broker = "embedded" // kfake, in a process of its own
	Apache   Broker = "apache"   // one Apache Kafka node for each installation
)

// OnEach runs a test on each kind of broker, as a subtest of that name.
func OnEach(t *testing.T, test func(t *testing.T, on Broker)) {
	for _, on := range []Broker{Embedded, Apache} {
		t.Run(string(on), func(t *testing.T) { test(t, on) })
	}
}
