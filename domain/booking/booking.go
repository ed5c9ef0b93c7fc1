package booking

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

// CancellationReason says who ended a booking.
type CancellationReason string

// The reasons of a cancellation.
const (
	Expired CancellationReason = "expired"
	ByBuyer CancellationReason = "by_buyer"
)

// Booking is a buyer's wish for seats of one section, and what came of it.
// Times are zero, Seats and reasons empty, until they are known.
type Booking struct {
	ID           domain.BookingID
	EventID      domain.EventID
	BuyerID      domain.UserID
	Section      string
	Subsection   int // 0: any
	Mode         message.SelectionMode
	Positions    []domain.SeatPosition // manual: what was asked for
	Quantity     int                   // what was asked for; never changes
	AllowPartial bool
	UnitPrice    domain.Money // of the moment of acceptance

	Status       Status
	Seats        []domain.SeatID // what was granted; stays after a cancellation
	Hold         domain.Hold
	Failure      string
	Cancellation CancellationReason
	CreatedAt    time.Time
	ExpiresAt    time.Time // end of the payment window
	Window       Window    // what ExpiresAt was made from
	PaidAt       time.Time
	Revision     int64 // grows with each change
}

// Total is the price of the seats granted; false before there are any.
func (b Booking) Total() (domain.Money, bool) {
	if len(b.Seats) == 0 {
		return domain.Money{}, false
	}
	return b.UnitPrice.Times(len(b.Seats)), true
}

// become moves the booking along an edge; false if there is none.
func (b Booking) become(next Status) (Booking, bool) {
	if !b.Status.CanBecome(next) {
		return b, false
	}
	b.Status = next
	b.Revision++
	return b, true
}

// HoldSeats is the booking with seats held until expires.
func (b Booking) HoldSeats(seats []domain.SeatID, hold domain.Hold, expires time.Time) (Booking, bool) {
	b, ok := b.become(PendingPayment)
	if ok {
		b.Seats, b.Hold, b.ExpiresAt = seats, hold, expires
	}
	return b, ok
}

// Fail is the booking without a seat.
func (b Booking) Fail(reason string) (Booking, bool) {
	b, ok := b.become(Failed)
	if ok {
		b.Failure = reason
	}
	return b, ok
}

// Pay is the booking paid, if it is pending and its window is open at.
func (b Booking) Pay(at time.Time) (Booking, bool) {
	if b.Status == PendingPayment && !at.Before(b.ExpiresAt) {
		return b, false
	}
	b, ok := b.become(Paid)
	if ok {
		b.PaidAt = at
	}
	return b, ok
}

// Cancel is the booking given up. Its seats stay, as history.
func (b Booking) Cancel(reason CancellationReason) (Booking, bool) {
	b, ok := b.become(Cancelled)
	if ok {
		b.Cancellation = reason
	}
	return b, ok
}

// RefusePayment is why a booking takes no payment at a time; nil if it does.
func (b Booking) RefusePayment(at time.Time) error {
	switch b.Status {
	case Processing:
		return domain.Refuse(domain.Conflict, "booking_processing", "the seats are still being picked")
	case Failed:
		return domain.Refuse(domain.Conflict, "booking_failed", "no seat was to be had")
	case Paid:
		return domain.Refuse(domain.Conflict, "already_paid", "the booking is paid")
	case Cancelled:
		if b.Cancellation == ByBuyer {
			return domain.Refuse(domain.Conflict, "booking_cancelled", "the booking was cancelled")
		}
	case PendingPayment:
		if at.Before(b.ExpiresAt) {
			return nil
		}
	}
	return domain.Refuse(domain.Gone, "payment_window_over", "the time to pay is over")
}

// RefuseCancellation is why a booking cannot be given up any more; nil if it
// can.
func (b Booking) RefuseCancellation() error {
	switch b.Status {
	case Paid:
		return domain.Refuse(domain.Conflict, "already_paid", "the booking is paid")
	case Failed:
		return domain.Refuse(domain.Conflict, "booking_failed", "no seat was to be had")
	case Cancelled:
		return domain.Refuse(domain.Conflict, "booking_cancelled", "the booking was cancelled")
	}
	return nil
}

// Release is the message that gives the seats of a cancelled booking back; false
// if it has none.
func (b Booking) Release() (message.BookingExpiredReleaseTickets, bool) {
	if b.Status != Cancelled || len(b.Seats) == 0 {
		return message.BookingExpiredReleaseTickets{}, false
	}
	return message.BookingExpiredReleaseTickets{EventID: b.EventID, BookingID: b.ID, Section: b.Section, Seats: b.Seats, Hold: b.Hold,
		Reason: string(b.Cancellation)}, true
}

// Sold is the message that follows a booking that is paid.
func (b Booking) Sold() message.BookingPaidSuccess {
	total, _ := b.Total()
	return message.BookingPaidSuccess{EventID: b.EventID, BookingID: b.ID, BuyerID: b.BuyerID, Section: b.Section, Seats: b.Seats, Hold: b.Hold,
		UnitPrice: b.UnitPrice, Total: total, PaidAt: b.PaidAt}
}

// RefuseTickets is why a booking has no tickets to take along; nil once it is
// paid.
func (b Booking) RefuseTickets() error {
	switch b.Status {
	case Paid:
		return nil
	case PendingPayment:
		return domain.Refuse(domain.Conflict, "booking_not_paid", "the booking is not paid yet")
	}
	return b.RefusePayment(b.CreatedAt)
}
