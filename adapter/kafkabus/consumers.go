package kafkabus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Consumers drives an Inbox: one member of the service's group for each event
// of the catalogue.
type Consumers struct {
	cluster   *Cluster
	inbox     port.Inbox
	catalogue port.Catalogue

	mu      sync.Mutex
	members map[domain.EventID]*member
	joined  bool // all members had their partitions once
}

// NewConsumers returns consumers that join no group before Run.
func NewConsumers(c *Cluster, inbox port.Inbox, catalogue port.Catalogue) *Consumers {
	return &Consumers{cluster: c, inbox: inbox, catalogue: catalogue, members: map[domain.EventID]*member{}}
}

// Run joins the groups of all events until ctx is done. Then it leaves each group
// in order.
func (c *Consumers) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	if troubled, ok := c.inbox.(port.OwnershipReporter); ok {
		running.Add(1)
		go func() {
			defer running.Done()
			c.passTroubleOn(ctx, troubled.OwnershipLost())
		}()
	}
	err := c.catalogue.Follow(ctx, func(e ticketing.CatalogueEvent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.members[e.ID] != nil {
			return
		}
		m := &member{Consumers: c, event: e.ID, sections: sectionsOf(e), doubt: make(chan struct{}, 1), waiting: time.Now()}
		c.members[e.ID] = m
		running.Add(1)
		go func() {
			defer running.Done()
			m.run(ctx)
		}()
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (c *Consumers) passTroubleOn(ctx context.Context, trouble <-chan domain.EventID) {
	for {
		select {
		case id := <-trouble:
			c.mu.Lock()
			m := c.members[id]
			c.mu.Unlock()
			if m == nil {
				continue
			}
			select {
			case m.doubt <- struct{}{}:
			default:
			}
		case <-ctx.Done():
			return
		}
	}
}

// assignLimit is how long a member may wait for its partitions before the server
// counts as not ready. A new event and a rebalance take less, and must not take
// the server out of service.
const assignLimit = 15 * time.Second

// Ready returns nil if every member has its partitions, and the inbox has taken
// them. Otherwise the error names an event. A seat owner has taken a partition
// when it has read its claim back.
func (c *Consumers) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, m := range c.members {
		if m.waiting.IsZero() || c.joined && time.Since(m.waiting) < assignLimit {
			continue
		}
		return fmt.Errorf("this server waits for its partitions of event %d", id)
	}
	c.joined = true
	return nil
}
