package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// CancelBooking ends a booking for its buyer.
type CancelBooking struct {
	bookings port.Cancellations
	feed     port.BookingFeed
}

// NewCancelBooking binds the ports.
func NewCancelBooking(b port.Cancellations, f port.BookingFeed) *CancelBooking {
	return &CancelBooking{b, f}
}

// Handle ends a booking of the buyer who asks. While it is PROCESSING that is
// honoured at once, and seats that arrive afterwards go straight back.
func (h *CancelBooking) Handle(ctx context.Context, id domain.BookingID) (booking.Booking, error) {
	b, err := h.bookings.Cancel(ctx, id)
	if err == nil {
		h.feed.Changed([]booking.Booking{b})
	}
	return b, err
}

// maxExpire bounds what is ended as one step.
const maxExpire = 500

// ExpireBookings ends bookings whose payment window is over.
type ExpireBookings struct {
	bookings port.Cancellations
	feed     port.BookingFeed
}

// NewExpireBookings binds the ports.
func NewExpireBookings(b port.Cancellations, f port.BookingFeed) *ExpireBookings {
	return &ExpireBookings{b, f}
}

// Handle ends all that is due. The store's clock decides: what Redis has or has
// lost counts for nothing.
func (h *ExpireBookings) Handle(ctx context.Context) error {
	for {
		ended, err := h.bookings.ExpireDue(ctx, maxExpire)
		if err != nil {
			return err
		}
		h.feed.Changed(ended)
		if len(ended) < maxExpire {
			return nil
		}
	}
}
