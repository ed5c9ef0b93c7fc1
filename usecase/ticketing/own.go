package ticketing

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// OwnEvents opens events to their sellers.
type OwnEvents struct {
	events  port.Events
	tickets port.Tickets
	sales   port.Sales
}

// NewOwnEvents binds the ports.
func NewOwnEvents(e port.Events, t port.Tickets, s port.Sales) *OwnEvents {
	return &OwnEvents{e, t, s}
}

// OwnEvent is an event that was opened to its seller. Only it gives access to
// the tickets and the sales of the event.
type OwnEvent struct {
	ticketing.Event
	tickets port.Tickets
	sales   port.Sales
}

// Open returns an event of a seller. An event of somebody else is as unknown as
// one that does not exist.
func (h *OwnEvents) Open(ctx context.Context, seller port.Claims, id domain.EventID) (OwnEvent, error) {
	if err := isSeller(seller); err != nil {
		return OwnEvent{}, err
	}
	e, err := h.events.Event(ctx, id)
	if err == nil {
		err = isOwn(seller, e)
	}
	if err != nil {
		return OwnEvent{}, err
	}
	return OwnEvent{e, h.tickets, h.sales}, nil
}

// Tickets returns a page of the event's tickets.
func (e OwnEvent) Tickets(ctx context.Context, f port.TicketFilter) ([]ticketing.Listed, error) {
	return e.tickets.List(ctx, e.ID, f)
}

// Sales returns what was sold of the event until now.
func (e OwnEvent) Sales(ctx context.Context) (ticketing.Sales, error) {
	return e.sales.Sales(ctx, e.ID)
}

// isSeller refuses a user with another role.
func isSeller(c port.Claims) error {
	return account.RefuseRole(account.Role(c.Role), account.Seller)
}

// isOwn refuses an event of another seller.
func isOwn(seller port.Claims, e ticketing.Event) error {
	if e.SellerID != seller.User {
		return ticketing.UnknownEvent
	}
	return nil
}
