package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// OpenSale brings an event from `creating` to `on_sale`: topics made, seats
// initialised, catalogue published, each acknowledged before the next. Every
// step may be repeated, so what a crash cut off is taken up again.
type OpenSale struct {
	events    port.NewEvents
	topics    port.EventTopics
	publisher port.Publisher
	catalogue port.CataloguePublisher
}

// NewOpenSale binds the ports.
func NewOpenSale(e port.NewEvents, t port.EventTopics, p port.Publisher, c port.CataloguePublisher) *OpenSale {
	return &OpenSale{e, t, p, c}
}

// Handle opens the sale of one event; of one that is open already it changes
// nothing.
func (h *OpenSale) Handle(ctx context.Context, id domain.EventID) error {
	topicID, err := h.topics.Create(ctx, id)
	if err != nil {
		return fmt.Errorf("topics of event %d: %w", id, err)
	}
	return h.events.WithEventLocked(ctx, id, func(ctx context.Context, e *ticketing.Event) error {
		if e.Status != ticketing.Creating {
			return nil
		}
		e.Status, e.JournalTopicID = ticketing.OnSale, topicID
		if err := port.PublishAll(ctx, h.publisher, initialisation(e.CatalogueEvent)); err != nil {
			return fmt.Errorf("initialise the seats of event %d: %w", id, err)
		}
		if err := h.catalogue.PublishEvent(ctx, e.CatalogueEvent); err != nil {
			return fmt.Errorf("publish event %d: %w", id, err)
		}
		return nil
	})
}

// initialisation is one message for each section, the same each time.
func initialisation(e ticketing.CatalogueEvent) []message.Envelope {
	out := make([]message.Envelope, len(e.Sections))
	for i, s := range e.Sections {
		m := message.InitializeSeats{EventID: e.ID, Layout: s.Layout}
		out[i] = message.Envelope{ID: m.Action().Flow().Message + "-" + e.ID.String() + "-" + s.Layout.Name, Time: e.CreatedAt,
			Partition: message.SectionPartition(i), Body: m}
	}
	return out
}

// TakeUp opens what was left `creating`.
type TakeUp struct {
	events port.NewEvents
	open   *OpenSale
}

// NewTakeUp binds the ports.
func NewTakeUp(e port.NewEvents, open *OpenSale) *TakeUp { return &TakeUp{e, open} }

// Handle tries each once; one that fails does not keep the others back.
func (h *TakeUp) Handle(ctx context.Context) error {
	ids, err := h.events.Creating(ctx)
	for _, id := range ids {
		err = errors.Join(err, h.open.Handle(ctx, id))
	}
	return err
}
