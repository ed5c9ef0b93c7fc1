package booking

import (
	"time"

	"github.com/onsale-tickets/onsale/domain/message"
)

// Reasons of a release of seats that no booking can use.
const (
	ReleaseFailed  = "failed"
	ReleaseUnknown = "unknown"
)

// TakeSeats handles a BookingUpdatedToPendingPayment. It returns the booking with
// its payment window. For a repeat it returns nothing. If the booking is
// CANCELLED, FAILED or unknown (nil), it returns the message that gives back
// exactly the seats and the hold that m names.
func TakeSeats(b *Booking, m message.BookingUpdatedToPendingPayment, expires time.Time) (changed *Booking, release *message.BookingExpiredReleaseTickets) {
	giveBack := func(reason string) *message.BookingExpiredReleaseTickets {
		return &message.BookingExpiredReleaseTickets{EventID: m.EventID, BookingID: m.BookingID, Section: m.Section, Seats: m.Seats, Hold: m.Hold, Reason: reason}
	}
	switch {
	case b == nil:
		return nil, giveBack(ReleaseUnknown)
	case b.Status == Failed:
		return nil, giveBack(ReleaseFailed)
	case b.Status == Cancelled:
		return nil, giveBack(string(b.Cancellation))
	}
	if next, ok := b.HoldSeats(m.Seats, m.Hold, expires); ok {
		return &next, nil
	}
	return nil, nil
}

// TakeFailure handles a BookingUpdatedToFailed. It returns nil if m changes
// nothing.
func TakeFailure(b *Booking, m message.BookingUpdatedToFailed) *Booking {
	if b == nil {
		return nil
	}
	if next, ok := b.Fail(m.Reason); ok {
		return &next
	}
	return nil
}
