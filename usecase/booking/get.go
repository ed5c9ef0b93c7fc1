package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// GetBooking reads a booking for its buyer.
type GetBooking struct{ bookings port.Bookings }

// NewGetBooking binds the ports.
func NewGetBooking(b port.Bookings) *GetBooking { return &GetBooking{b} }

// Handle returns the booking, or booking.ErrUnknown also if it belongs to
// another buyer.
func (h *GetBooking) Handle(ctx context.Context, buyer domain.UserID, id domain.BookingID) (booking.Booking, error) {
	b, err := h.bookings.Booking(ctx, id)
	if err == nil {
		err = b.RefuseOther(buyer)
	}
	if err != nil {
		return booking.Booking{}, err
	}
	return b, nil
}

// GetTickets reads what the tickets of a booking show.
type GetTickets struct {
	get       *GetBooking
	catalogue port.Catalogue
}

// NewGetTickets binds the ports.
func NewGetTickets(get *GetBooking, c port.Catalogue) *GetTickets { return &GetTickets{get, c} }

// Handle returns a booking that is PAID and its event, or the refusal of
// booking.RefuseTickets.
func (h *GetTickets) Handle(ctx context.Context, buyer domain.UserID, id domain.BookingID) (booking.Booking, ticketing.CatalogueEvent, error) {
	b, err := h.get.Handle(ctx, buyer, id)
	if err == nil {
		err = b.RefuseTickets()
	}
	if err != nil {
		return booking.Booking{}, ticketing.CatalogueEvent{}, err
	}
	event, err := h.catalogue.Event(ctx, b.EventID)
	return b, event, err
}
