package kafkabus

import (
	"log/slog"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// The records of an event come from one producer, so that they stay in order. Many
// events have several.
func TestProducersShareTheEvents(t *testing.T) {
	c := &Cluster{Config: Config{Brokers: "127.0.0.1:1", Log: slog.New(slog.DiscardHandler)}}
	p, err := c.newProducers()
	if err != nil {
		t.Fatal(err)
	}
	defer p.close(time.Millisecond)
	several := map[*producer]bool{}
	for event := range domain.EventID(40) {
		first, err := p.of(event)
		if err != nil {
			t.Fatal(err)
		}
		again, err := p.of(event)
		if err != nil || first != again {
			t.Errorf("event %d has two producers, %v", event, err)
		}
		several[first] = true
	}
	if len(several) != manyProducers {
		t.Errorf("40 events have %d producers", len(several))
	}
}
