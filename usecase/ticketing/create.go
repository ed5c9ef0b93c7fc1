package ticketing

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// CreateEvent creates an event of a seller and puts it on sale.
type CreateEvent struct {
	created   port.NewEvents
	events    port.Events
	open      *OpenSale
	knownZone func(string) bool // reports whether a name is an IANA zone
	now       func() time.Time
}

// NewCreateEvent binds the ports.
func NewCreateEvent(created port.NewEvents, events port.Events, open *OpenSale, knownZone func(string) bool, now func() time.Time) *CreateEvent {
	return &CreateEvent{created, events, open, knownZone, now}
}

// Creation is a seller's request for an event.
type Creation struct {
	Seller port.Claims
	Event  ticketing.NewEvent
}

// openLimit is how long the creation of an event waits for the brokers. It is
// shorter than the time limit of a proxy, and longer than busy brokers need.
const openLimit = 25 * time.Second

// Handle returns the event, on sale, or a refusal. Unavailable with the code
// sale_not_open means that the event is stored and will be put on sale later. It
// should not be created again.
func (h *CreateEvent) Handle(ctx context.Context, in Creation) (ticketing.Event, error) {
	if err := isSeller(in.Seller); err != nil {
		return ticketing.Event{}, err
	}
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
			"event "+id.String()+" is stored, and goes on sale as soon as the brokers respond; do not create it again"), err)
	}
	return h.events.Event(ctx, id)
}
