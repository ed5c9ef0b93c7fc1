package kafkabus

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Catalogue is this server's view of the events on sale.
type Catalogue struct {
	topic    *compacted
	producer *producer
	log      interface{ Warn(string, ...any) }

	mu      sync.RWMutex
	events  map[domain.EventID]ticketing.CatalogueEvent
	arrived []domain.EventID // one for each newer revision, in order of arrival
	changed chan struct{}
}

var (
	_ port.Catalogue          = (*Catalogue)(nil)
	_ port.CataloguePublisher = (*Catalogue)(nil)
)

// NewCatalogue returns a catalogue that is empty until Run has read it.
func NewCatalogue(c *Cluster) (*Catalogue, error) {
	v := &Catalogue{events: map[domain.EventID]ticketing.CatalogueEvent{}, changed: make(chan struct{}), log: c.Log}
	var err error
	if v.topic, err = c.openCompacted(catalogueTopic, v.apply); err != nil {
		return nil, err
	}
	v.producer, err = c.newProducer()
	return v, err
}

// Run reads the catalogue and follows it until ctx is done.
func (v *Catalogue) Run(ctx context.Context) error {
	defer v.producer.close(5 * time.Second)
	return v.topic.run(ctx)
}

// Ready reports whether the catalogue was read whole and is followed.
func (v *Catalogue) Ready() bool { return v.topic.within(readyAge) }

// apply takes a record in. Its JSON is that of ticketing.CatalogueEvent itself,
// since only servers of Onsale read it.
func (v *Catalogue) apply(_ string, _ int64, value []byte) {
	var e ticketing.CatalogueEvent
	if err := json.Unmarshal(value, &e); err != nil || e.ID <= 0 {
		v.log.Warn("catalogue record ignored", "error", err)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if known, ok := v.events[e.ID]; ok && known.Revision >= e.Revision {
		return
	}
	v.events[e.ID] = e
	v.arrived = append(v.arrived, e.ID)
	close(v.changed)
	v.changed = make(chan struct{})
}

// arrivals returns how many records have arrived that Follow passes on.
func (v *Catalogue) arrivals() int {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return len(v.arrived)
}

// Known returns an event from memory.
func (v *Catalogue) Known(id domain.EventID) (ticketing.CatalogueEvent, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	e, ok := v.events[id]
	return e, ok
}

// catalogueWait is how long Event waits for a fresh view, or for an event that is
// not known yet.
const catalogueWait = time.Second

var errStale = domain.Refuse(domain.Unavailable, "catalogue_unavailable", "the catalogue cannot be read at present")

// Event returns an event from a view that is fresh.
func (v *Catalogue) Event(ctx context.Context, id domain.EventID) (ticketing.CatalogueEvent, error) {
	ctx, cancel := context.WithTimeout(ctx, catalogueWait)
	defer cancel()
	if err := v.topic.untilFresh(ctx); err != nil {
		return ticketing.CatalogueEvent{}, errStale
	}
	if e, ok := v.Known(id); ok {
		return e, nil
	}
	if err := v.topic.readToEnd(ctx); err != nil {
		return ticketing.CatalogueEvent{}, errStale
	}
	if e, ok := v.Known(id); ok {
		return e, nil
	}
	return ticketing.CatalogueEvent{}, ticketing.UnknownEvent
}

// Follow calls fn with the events that are known, then with each that arrives.
func (v *Catalogue) Follow(ctx context.Context, fn func(ticketing.CatalogueEvent)) error {
	for next := 0; ; {
		v.mu.RLock()
		news, changed := v.arrived[next:], v.changed
		v.mu.RUnlock()
		for _, id := range news {
			if e, ok := v.Known(id); ok {
				fn(e)
			}
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

// PublishEvent writes an event to the catalogue.
func (v *Catalogue) PublishEvent(ctx context.Context, e ticketing.CatalogueEvent) error {
	value, err := json.Marshal(e)
	if err != nil {
		return err
	}
	return v.producer.sendAndWait(ctx, catalogueTopic, "event-"+e.ID.String(), value, nil)
}
