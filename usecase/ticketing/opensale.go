package ticketing

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// OpenSale publishes an event in the catalogue, and so puts one that is `creating` on
// sale. It may be repeated, so TakeUp continues after a crash.
type OpenSale struct {
	events    port.EventChanges
	catalogue port.CataloguePublisher
}

// NewOpenSale binds the ports.
func NewOpenSale(e port.EventChanges, c port.CataloguePublisher) *OpenSale { return &OpenSale{e, c} }

// Handle publishes one event.
func (h *OpenSale) Handle(ctx context.Context, id domain.EventID) error {
	return h.events.PublishLocked(ctx, id, func(ctx context.Context, e *ticketing.Event) error {
		if e.Status == ticketing.Creating {
			e.Status = ticketing.OnSale
		}
		if err := h.catalogue.PublishEvent(ctx, e.CatalogueEvent); err != nil {
			return fmt.Errorf("publish event %d: %w", id, err)
		}
		return nil
	})
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
