package ticketing

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// ChangeEvent changes events of a seller.
type ChangeEvent struct {
	changes   port.EventChanges
	events    port.Events
	open      *OpenSale
	knownZone func(string) bool
	now       func() time.Time
}

// NewChangeEvent binds the ports.
func NewChangeEvent(c port.EventChanges, e port.Events, open *OpenSale, knownZone func(string) bool, now func() time.Time) *ChangeEvent {
	return &ChangeEvent{c, e, open, knownZone, now}
}

// Describe changes name, place and time.
func (h *ChangeEvent) Describe(ctx context.Context, id domain.EventID, c ticketing.Changes) (ticketing.Event, error) {
	return h.change(ctx, id, func(e ticketing.Event) (ticketing.Event, error) { return e.Change(c, h.now(), h.knownZone) })
}

// SetPrice changes the price of a section; bookings keep the price at which
// they were accepted.
func (h *ChangeEvent) SetPrice(ctx context.Context, id domain.EventID, section string, price *int64) (ticketing.Event, error) {
	return h.change(ctx, id, func(e ticketing.Event) (ticketing.Event, error) { return e.WithPrice(section, price) })
}

// Close closes the sale for good; what was accepted runs to its end. Of a sale
// that is closed it changes nothing.
func (h *ChangeEvent) Close(ctx context.Context, id domain.EventID) (ticketing.Event, error) {
	return h.change(ctx, id, func(e ticketing.Event) (ticketing.Event, error) { return e.Close(), nil })
}

// change stores, then publishes; the answer waits for the brokers, so that a
// change is in force everywhere soon after it. If they do not answer, it is
// stored all the same and will be published: Unavailable, change_not_published.
func (h *ChangeEvent) change(ctx context.Context, id domain.EventID, to func(ticketing.Event) (ticketing.Event, error)) (ticketing.Event, error) {
	if err := h.changes.Change(ctx, id, to); err != nil {
		return ticketing.Event{}, err
	}
	if err := h.open.Handle(ctx, id); err != nil {
		return ticketing.Event{}, domain.Refuse(domain.Unavailable, "change_not_published",
			"the change is stored and comes into force as soon as the brokers answer; it need not be made again")
	}
	return h.events.Event(ctx, id)
}
