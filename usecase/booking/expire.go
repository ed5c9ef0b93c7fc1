package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// maxExpire is how many bookings are cancelled in one step.
const maxExpire = 500

// ExpireBookings cancels bookings whose payment window is over.
type ExpireBookings struct {
	bookings port.Cancellations
	feed     port.BookingFeed
}

// NewExpireBookings binds the ports.
func NewExpireBookings(b port.Cancellations, f port.BookingFeed) *ExpireBookings {
	return &ExpireBookings{b, f}
}

// Handle cancels all that is due on the store's clock.
func (h *ExpireBookings) Handle(ctx context.Context) error {
	for {
		ended, err := h.bookings.ExpireDue(ctx, maxExpire, booking.Booking.Expire)
		if err != nil {
			return err
		}
		if len(ended) > 0 {
			h.feed.Changed(ended)
		}
		if len(ended) < maxExpire {
			return nil
		}
	}
}
