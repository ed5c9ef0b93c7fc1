package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// CancelBooking cancels a booking for its buyer.
type CancelBooking struct {
	bookings port.Cancellations
	feed     port.BookingFeed
}

// NewCancelBooking binds the ports.
func NewCancelBooking(b port.Cancellations, f port.BookingFeed) *CancelBooking {
	return &CancelBooking{b, f}
}

// Handle cancels a booking of the buyer, or returns the refusal of
// booking.CancelByBuyer. A booking that is still PROCESSING is cancelled at once;
// seats that arrive for it later are given back.
func (h *CancelBooking) Handle(ctx context.Context, buyer domain.UserID, id domain.BookingID) (booking.Booking, error) {
	b, err := h.bookings.Cancel(ctx, id, func(b booking.Booking) (booking.Change, error) { return b.CancelByBuyer(buyer) })
	if err != nil {
		return booking.Booking{}, err
	}
	h.feed.Changed([]booking.Booking{b})
	return b, nil
}
