package kafkabus

import (
	"context"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/domain/wake"
	"github.com/onsale-tickets/onsale/port"
)

// Sleep reads the log of wake-ups for somebody who does not follow it.
type Sleep struct{ cluster *Cluster }

var _ port.Sleep = Sleep{}

// NewSleep returns the sleep of the events of a cluster.
func NewSleep(c *Cluster) Sleep { return Sleep{c} }

// Asleep reads the log from its beginning to its present end.
func (s Sleep) Asleep(ctx context.Context, e ticketing.CatalogueEvent) (bool, error) {
	log := wake.NewLog()
	log.Know(e.ID, e.HasTopics(), time.Now())
	topic, err := s.cluster.openCompacted(wakesTopic, func(_ string, offset int64, value []byte) {
		if r, err := parseWake(value); err == nil && r.Event == e.ID {
			log.Apply(offset, r, time.Now())
		}
	})
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithCancel(ctx)
	var reading sync.WaitGroup
	var failed error
	reading.Go(func() {
		defer cancel()
		failed = topic.run(ctx)
	})
	err = topic.readToEnd(ctx)
	cancel()
	reading.Wait() // log has no other user from here on
	if failed != nil {
		return false, failed
	}
	return log.Asleep(e.ID), err
}
