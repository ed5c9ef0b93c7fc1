package kafkabus

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Consumers drives an Inbox: one member of the service's group for each event that
// is awake.
type Consumers struct {
	cluster  *Cluster
	inbox    port.Inbox
	wakes    port.Wakes
	patience time.Duration

	mu      sync.Mutex
	members map[domain.EventID]*member
	running sync.WaitGroup
	joined  bool // all members had their partitions once
}

// NewConsumers returns consumers that join no group before Run.
func NewConsumers(c *Cluster, inbox port.Inbox, wakes port.Wakes) *Consumers {
	return &Consumers{cluster: c, inbox: inbox, wakes: wakes, members: map[domain.EventID]*member{}}
}

// Patient lets a batch gather for up to d after its first message: fewer, larger steps
// for an inbox whose answers nobody waits for. It must be called before Run.
func (c *Consumers) Patient(d time.Duration) *Consumers {
	c.patience = d
	return c
}

// Run is in the groups of all events that are awake until ctx is done. Then it leaves
// each group in order.
func (c *Consumers) Run(ctx context.Context) error {
	defer c.running.Wait()
	if troubled, ok := c.inbox.(port.OwnershipReporter); ok {
		c.running.Go(func() { c.passTroubleOn(ctx, troubled.OwnershipLost()) })
	}
	err := c.wakes.Follow(ctx, func(e ticketing.CatalogueEvent, awake bool) { c.attend(ctx, e, awake) })
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// attend begins or ends the membership of an event. One that is ending is begun again
// when it has ended.
func (c *Consumers) attend(ctx context.Context, e ticketing.CatalogueEvent, awake bool) {
	awake = awake && e.HasTopics()
	c.mu.Lock()
	defer c.mu.Unlock()
	m := c.members[e.ID]
	switch {
	case m == nil && awake:
		c.begin(ctx, e)
	case m != nil && m.wanted != awake:
		if m.wanted = awake; !awake {
			m.stop()
		}
	}
}

// begin starts a member. c.mu is held.
func (c *Consumers) begin(ctx context.Context, e ticketing.CatalogueEvent) {
	of, stop := context.WithCancel(ctx)
	m := &member{Consumers: c, event: e.ID, sections: sectionsOf(e), stop: stop, wanted: true, doubt: make(chan struct{}, 1), waiting: time.Now()}
	c.members[e.ID] = m
	memberships.Inc()
	c.running.Go(func() {
		m.run(of)
		stop()
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.members, e.ID)
		memberships.Dec()
		if m.wanted && ctx.Err() == nil {
			c.begin(ctx, e)
		}
	})
}

// Events returns the events whose group this server is in: those that are awake, and
// those that it leaves at present. Nothing grows with the events that sleep.
func (c *Consumers) Events() []domain.EventID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Sorted(maps.Keys(c.members))
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
// them. Otherwise the error says of how many events that is not so, and names one. A
// seat owner has taken a partition when it has read its claim back.
func (c *Consumers) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var waiting []domain.EventID
	for id, m := range c.members {
		if m.wanted && !m.waiting.IsZero() && (!c.joined || time.Since(m.waiting) >= assignLimit) {
			waiting = append(waiting, id)
		}
	}
	if len(waiting) > 0 {
		return fmt.Errorf("this server waits for its partitions of %d events, one of them event %d", len(waiting), slices.Min(waiting))
	}
	c.joined = true
	return nil
}
