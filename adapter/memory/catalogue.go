package memory

import (
	"context"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Catalogue is both sides of the catalogue.
type Catalogue struct {
	mu      sync.Mutex
	events  map[domain.EventID]ticketing.CatalogueEvent
	log     []ticketing.CatalogueEvent
	changed chan struct{} // closed at the next publication
}

// NewCatalogue is empty.
func NewCatalogue() *Catalogue {
	return &Catalogue{events: map[domain.EventID]ticketing.CatalogueEvent{}, changed: make(chan struct{})}
}

var (
	_ port.Catalogue          = (*Catalogue)(nil)
	_ port.CataloguePublisher = (*Catalogue)(nil)
)

// PublishEvent takes a newer revision and ignores any other.
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

// Event answers the latest revision.
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

// Follow yields each publication, from the first on.
func (c *Catalogue) Follow(ctx context.Context, fn func(ticketing.CatalogueEvent)) error {
	for next := 0; ; {
		c.mu.Lock()
		news, changed := c.log[next:], c.changed
		c.mu.Unlock()
		for _, e := range news {
			fn(e)
		}
		next += len(news)
		if len(news) > 0 {
			continue
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
