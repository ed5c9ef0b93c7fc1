package kafkabus

import (
	"log/slog"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/domain/message"
)

// After a fatal error a producer refuses everything for ever. A new one takes its
// place.
func TestProducerIsReplacedAfterAFatalError(t *testing.T) {
	broker, err := embeddedbroker.Start(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	cluster, err := Connect(t.Context(), Config{Brokers: broker.Addr(), ServerID: "s1", Service: message.BookingService, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cluster.Close)
	p, err := cluster.newProducer()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.close(time.Second) })
	send := func() error { return p.sendAndWait(t.Context(), DeadLettersTopic, "", []byte("x"), nil) }
	if err := send(); err != nil {
		t.Fatal(err)
	}

	p.mu.Lock()
	old := p.current
	p.mu.Unlock()
	if code := old.TestFatalError(kafka.ErrOutOfOrderSequenceNumber, "of this test"); code != kafka.ErrNoError {
		t.Fatal(code)
	}

	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); send() != nil; <-tick.C {
		if time.Now().After(end) {
			t.Fatal("nothing can be sent within 20 s")
		}
	}
}
