package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// OpenSale publishes an event in the catalogue. It puts an event that is `creating`
// on sale in three steps, each acknowledged before the next: create the topics,
// initialise the seats, publish the catalogue record. Every step may be repeated,
// so TakeUp continues after a crash.
type OpenSale struct {
	events    port.EventChanges
	topics    port.EventTopics
	publisher port.Publisher
	catalogue port.CataloguePublisher
}

// NewOpenSale binds the ports.
func NewOpenSale(e port.EventChanges, t port.EventTopics, p port.Publisher, c port.CataloguePublisher) *OpenSale {
	return &OpenSale{e, t, p, c}
}

// Handle publishes one event.
func (h *OpenSale) Handle(ctx context.Context, id domain.EventID) error {
	prepared, err := h.prepared(ctx, id)
	if err != nil {
		return err
	}
	return h.events.PublishLocked(ctx, id, func(ctx context.Context, e *ticketing.Event) error {
		if e.Status == ticketing.Creating {
			e.Status, e.JournalTopicID = ticketing.OnSale, prepared
		}
		if err := h.catalogue.PublishEvent(ctx, e.CatalogueEvent); err != nil {
			return fmt.Errorf("publish event %d: %w", id, err)
		}
		return nil
	})
}

// initialiseTries is how often the seats are sent before the seller is told that
// the sale opens later.
const initialiseTries = 3

// prepared creates the topics and initialises the seats of an event that is
// `creating`, and returns the topic id of its journal. The row is not locked
// meanwhile: busy brokers need longer than a row may stay locked, and two servers
// that do this at once do no harm.
func (h *OpenSale) prepared(ctx context.Context, id domain.EventID) (string, error) {
	e, err := h.events.Stored(ctx, id)
	if err != nil || e.Status != ticketing.Creating {
		return e.JournalTopicID, err
	}
	topicID, err := h.topics.Create(ctx, id)
	if err != nil {
		return "", fmt.Errorf("topics of event %d: %w", id, err)
	}
	for try := 1; ; try++ { // brokers that have just created a hundred partitions may be slow with the first records
		err := publish.All(ctx, h.publisher, initialisation(e.CatalogueEvent))
		if err == nil {
			return topicID, nil
		}
		if try == initialiseTries || ctx.Err() != nil {
			return "", fmt.Errorf("initialise the seats of event %d: %w", id, err)
		}
	}
}

// initialisation returns one message for each section, the same each time.
func initialisation(e ticketing.CatalogueEvent) []message.Envelope {
	out := make([]message.Envelope, len(e.Sections))
	for i, s := range e.Sections {
		m := message.InitializeSeats{EventID: e.ID, Layout: s.Layout}
		out[i] = message.Envelope{ID: m.Action().Flow().Message + "-" + e.ID.String() + "-" + s.Layout.Name, Time: e.CreatedAt,
			Partition: domain.SectionPartition(i), Body: m}
	}
	return out
}

// TakeUp publishes events whose last change was not published.
type TakeUp struct {
	events port.EventChanges
	open   *OpenSale
}

// NewTakeUp binds the ports.
func NewTakeUp(e port.EventChanges, open *OpenSale) *TakeUp { return &TakeUp{e, open} }

// Handle tries each event once. An event that fails does not stop the others.
func (h *TakeUp) Handle(ctx context.Context) error {
	ids, err := h.events.Unpublished(ctx)
	for _, id := range ids {
		err = errors.Join(err, h.open.Handle(ctx, id))
	}
	return err
}
