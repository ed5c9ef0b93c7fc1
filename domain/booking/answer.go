package booking

import (
	"time"

	"github.com/onsale-tickets/onsale/domain/message"
)

// Reasons of a release that follows from an answer nobody can use.
const (
	ReleaseFailed  = "failed"
	ReleaseUnknown = "unknown"
)

// TakeSeats answers a BookingUpdatedToPendingPayment: the booking with its
// window, or nothing new for a repeat, or the message that gives the seats back
// when the booking is CANCELLED, FAILED or not known (nil). Each message gives
// back exactly the seats and the hold that it names.
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

// TakeFailure answers a BookingUpdatedToFailed; nil if nothing is new.
func TakeFailure(b *Booking, m message.BookingUpdatedToFailed) *Booking {
	if b == nil {
		return nil
	}
	if next, ok := b.Fail(m.Reason); ok {
		return &next
	}
	return nil
}
