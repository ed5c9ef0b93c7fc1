package ticketing

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// ChangeEvent changes events of their seller. Each change checks the seller while
// the event is locked.
type ChangeEvent struct {
	changes   port.EventChanges
	events    port.Events
	open      *OpenSale
	knownZone func(string) bool
	now       func() time.Time
	archiver  bool // somebody makes the archives that are asked for
}

// NewChangeEvent binds the ports.
func NewChangeEvent(c port.EventChanges, e port.Events, open *OpenSale, knownZone func(string) bool, now func() time.Time, archiver bool) *ChangeEvent {
	return &ChangeEvent{c, e, open, knownZone, now, archiver}
}

// Describe changes name, description, venue and time.
func (h *ChangeEvent) Describe(ctx context.Context, seller port.Claims, id domain.EventID, c ticketing.Changes) (ticketing.Event, error) {
	return h.change(ctx, seller, id, func(e ticketing.Event) (ticketing.Event, error) { return e.Change(c, h.now(), h.knownZone) })
}

// SetPrice changes the price of a section. Bookings keep the price at which they
// were accepted.
func (h *ChangeEvent) SetPrice(ctx context.Context, seller port.Claims, id domain.EventID, section string, price *int64) (ticketing.Event, error) {
	return h.change(ctx, seller, id, func(e ticketing.Event) (ticketing.Event, error) { return e.WithPrice(section, price) })
}

// Close closes the sale for good. Accepted bookings run to their end. Closing a
// closed sale changes nothing.
func (h *ChangeEvent) Close(ctx context.Context, seller port.Claims, id domain.EventID) (ticketing.Event, error) {
	return h.change(ctx, seller, id, func(e ticketing.Event) (ticketing.Event, error) { return e.Close() })
}

// Archive asks for an archive of an event whose sale is closed. It is made when all
// bookings are final and the event sleeps. Asking again changes nothing.
func (h *ChangeEvent) Archive(ctx context.Context, seller port.Claims, id domain.EventID) (ticketing.Event, error) {
	return h.change(ctx, seller, id, func(e ticketing.Event) (ticketing.Event, error) {
		if !h.archiver && e.Status != ticketing.Archived {
			return e, ticketing.NoArchiver
		}
		return e.ToArchive()
	})
}

// change stores a change, then publishes it. It waits for the brokers, so that a
// change is in force everywhere soon after the response. If they do not respond,
// it returns Unavailable (change_not_published): the change is stored and will be
// published.
func (h *ChangeEvent) change(ctx context.Context, seller port.Claims, id domain.EventID, to func(ticketing.Event) (ticketing.Event, error)) (ticketing.Event, error) {
	if err := isSeller(seller); err != nil {
		return ticketing.Event{}, err
	}
	err := h.changes.Change(ctx, id, func(e ticketing.Event) (ticketing.Event, error) {
		if err := isOwn(seller, e); err != nil {
			return e, err
		}
		return to(e)
	})
	if err != nil {
		return ticketing.Event{}, err
	}
	if err := h.open.Handle(ctx, id); err != nil {
		return ticketing.Event{}, errors.Join(domain.Refuse(domain.Unavailable, "change_not_published",
			"the change is stored, and is in force as soon as the brokers respond; do not repeat it"), err)
	}
	return h.events.Event(ctx, id)
}
