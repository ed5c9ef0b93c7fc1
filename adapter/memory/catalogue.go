package memory

import (
	"context"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Catalogue is the catalogue for its publisher and its readers.
type Catalogue struct {
	mu      sync.Mutex
	events  map[domain.EventID]ticketing.CatalogueEvent
	log     []ticketing.CatalogueEvent
	changed chan struct{} // closed at the next publication
}

// NewCatalogue returns an empty catalogue.
func NewCatalogue() *Catalogue {
	return &Catalogue{events: map[domain.EventID]ticketing.CatalogueEvent{}, changed: make(chan struct{})}
}

var (
	_ port.Catalogue          = (*Catalogue)(nil)
	_ port.CataloguePublisher = (*Catalogue)(nil)
)

// PublishEvent stores a newer revision and ignores any other.
func (c *Catalogue) PublishEvent(_ context.Context, e ticketing.CatalogueEvent) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if known, ok := c.events[e.ID]; ok && known.Revision >= e.Revision {
		return nil
	}
	c.events[e.ID] = e
	c.log = append(c.log, e)
	close(c.changed)
	c.changed = make(chan struct{})
	return nil
}

// Event returns the latest revision.
func (c *Catalogue) Event(_ context.Context, id domain.EventID) (ticketing.CatalogueEvent, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.events[id]
	if !ok {
		return e, ticketing.UnknownEvent
	}
	return e, nil
}

// Known returns the latest revision.
func (c *Catalogue) Known(id domain.EventID) (ticketing.CatalogueEvent, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.events[id]
	return e, ok
}

// Follow calls fn with each publication, from the first on.
func (c *Catalogue) Follow(ctx context.Context, fn func(ticketing.CatalogueEvent)) error {
	for next := 0; ; {
		c.mu.Lock()
		added, changed := c.log[next:], c.changed
		c.mu.Unlock()
		for _, e := range added {
			fn(e)
		}
		next += len(added)
		if len(added) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
