package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Own finds a booking of a buyer. Somebody else's is as unknown as one that
// does not exist.
func Own(ctx context.Context, bookings port.Bookings, buyer domain.UserID, id domain.BookingID) (booking.Booking, error) {
	b, err := bookings.Booking(ctx, id)
	if err == nil && b.BuyerID != buyer {
		err = domain.Refuse(domain.NotFound, "booking_not_found", "there is no such booking")
	}
	if err != nil {
		return booking.Booking{}, err
	}
	return b, nil
}
