package ticketing

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// CreateEvent makes an event of a seller and puts it on sale.
type CreateEvent struct {
	created   port.NewEvents
	events    port.Events
	open      *OpenSale
	knownZone func(string) bool // IANA names
	now       func() time.Time
}

// NewCreateEvent binds the ports.
func NewCreateEvent(created port.NewEvents, events port.Events, open *OpenSale, knownZone func(string) bool, now func() time.Time) *CreateEvent {
	return &CreateEvent{created, events, open, knownZone, now}
}

// Creation is who creates what.
type Creation struct {
	Seller port.Claims
	Event  ticketing.NewEvent
}

// openLimit is how long who creates an event waits for the brokers: less than a
// front door waits for an answer, more than brokers with much to do need.
const openLimit = 25 * time.Second

// Handle answers the event, on sale, or a refusal. Unavailable with the code
// sale_not_open means that the event is stored and will be on sale by itself:
// it need not, and should not, be created again.
func (h *CreateEvent) Handle(ctx context.Context, in Creation) (ticketing.Event, error) {
	now := h.now().UTC().Truncate(time.Microsecond)
	event, err := in.Event.Validated(now, h.knownZone)
	if err != nil {
		return ticketing.Event{}, err
	}
	event.SellerID, event.SellerName, event.CreatedAt = in.Seller.User, in.Seller.Name, now
	id, err := h.created.Create(ctx, event)
	if err != nil {
		return ticketing.Event{}, err
	}
	opening, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	if err := h.open.Handle(opening, id); err != nil {
		return ticketing.Event{}, errors.Join(domain.Refuse(domain.Unavailable, "sale_not_open",
			"event "+id.String()+" is stored and goes on sale as soon as the brokers answer; it need not be created again"), err)
	}
	return h.events.Event(ctx, id)
}
