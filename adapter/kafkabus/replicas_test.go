package kafkabus_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// With three replicas the loss of one broker causes no long pause. With two lost,
// no record is acknowledged that only one broker has.
func TestReplicas(t *testing.T) {
	nodes := teststores.NewCluster(t, 3)
	addr := nodes[0].Addr() + "," + nodes[1].Addr() + "," + nodes[2].Addr()
	c, err := kafkabus.Connect(t.Context(), kafkabus.Config{Brokers: addr, ServerID: "s1", Service: message.SeatReservation, Replicas: 3,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	if _, err := c.Create(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	publisher, err := kafkabus.NewPublisher(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(publisher.Close)
	publish := func(n int) error {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		return publish.All(ctx, publisher, []message.Envelope{failed(n)})
	}
	eventually := func(n int) {
		t.Helper()
		var err error
		for range 5 { // a leader is elected meanwhile
			if err = publish(n); err == nil {
				return
			}
		}
		t.Fatal(err)
	}
	eventually(1)
	nodes[1].Kill()
	eventually(2)
	nodes[2].Kill()
	if err := publish(3); err == nil {
		t.Error("one broker of three acknowledged a record by itself")
	}
	nodes[1].Start()
	eventually(4)
}

// A broker that was killed has a new leader epoch, and refuses requests with the old
// one. Readers learn the new epoch and go on.
func TestF27_ApacheKilled(t *testing.T) {
	node := teststores.NewCluster(t, 1)[0]
	c := connect(t, node.Addr(), message.EventTicketing)
	catalogue, err := kafkabus.NewCatalogue(c)
	if err != nil {
		t.Fatal(err)
	}
	start(t, catalogue.Run)
	ready := func() {
		t.Helper()
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for end := time.Now().Add(limit); !catalogue.Ready(); <-tick.C {
			if time.Now().After(end) {
				t.Fatal("the catalogue is not read again")
			}
		}
	}
	ready()
	for range 2 {
		node.Kill()
		node.Start()
		ready()
	}
}
