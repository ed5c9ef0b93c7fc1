package booking

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

// CancellationReason says why a booking was cancelled.
type CancellationReason string

// The reasons of a cancellation.
const (
	Expired CancellationReason = "expired"
	ByBuyer CancellationReason = "by_buyer"
)

// Booking is a buyer's request for seats of one section, and its outcome.
// Times are zero, Seats and reasons empty, until they are known.
type Booking struct {
	ID           domain.BookingID
	EventID      domain.EventID
	BuyerID      domain.UserID
	Section      string
	Subsection   int // 0: any
	Mode         message.SelectionMode
	Positions    []domain.SeatPosition // manual: the seats asked for
	Quantity     int                   // the number of seats asked for; never changes
	AllowPartial bool
	UnitPrice    domain.Money // as of acceptance; never changes

	Status       Status
	Seats        []domain.SeatID // the seats granted; they stay after a cancellation, as history
	Hold         domain.Hold
	Failure      string
	Cancellation CancellationReason
	CreatedAt    time.Time
	ExpiresAt    time.Time // end of the payment window
	Window       Window    // what ExpiresAt was made from
	PaidAt       time.Time
	Revision     int64 // grows with each change
}

// Total returns the price of the seats granted. It reports false before there are
// any.
func (b Booking) Total() (domain.Money, bool) {
	if len(b.Seats) == 0 {
		return domain.Money{}, false
	}
	return b.UnitPrice.Times(len(b.Seats)), true
}

// become moves the booking along an edge. It reports false if there is no such
// edge.
func (b Booking) become(next Status) (Booking, bool) {
	if !b.Status.CanBecome(next) {
		return b, false
	}
	b.Status = next
	b.Revision++
	return b, true
}

// HoldSeats returns the booking with seats held until expires.
func (b Booking) HoldSeats(seats []domain.SeatID, hold domain.Hold, expires time.Time) (Booking, bool) {
	b, ok := b.become(PendingPayment)
	if ok {
		b.Seats, b.Hold, b.ExpiresAt = seats, hold, expires
	}
	return b, ok
}

// Fail returns the booking as one that gets no seats.
func (b Booking) Fail(reason string) (Booking, bool) {
	b, ok := b.become(Failed)
	if ok {
		b.Failure = reason
	}
	return b, ok
}

// Pay returns the booking paid, if it is pending and its payment window is open
// at the given time.
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

// Cancel returns the booking cancelled. Its seats stay, as history.
func (b Booking) Cancel(reason CancellationReason) (Booking, bool) {
	b, ok := b.become(Cancelled)
	if ok {
		b.Cancellation = reason
	}
	return b, ok
}

// RefusePayment returns why the booking takes no payment at now, nil if it does.
func (b Booking) RefusePayment(now time.Time) error {
	switch b.Status {
	case Processing:
		return errProcessing
	case Failed:
		return errFailed
	case Paid:
		return errPaid
	case Cancelled:
		if b.Cancellation == ByBuyer {
			return errCancelled
		}
	case PendingPayment:
		if now.Before(b.ExpiresAt) {
			return nil
		}
	}
	return errWindowOver
}

// RefuseTickets returns why the booking has no tickets to download, nil once it
// is PAID.
func (b Booking) RefuseTickets() error {
	switch b.Status {
	case Paid:
		return nil
	case PendingPayment:
		return errNotPaid
	}
	return b.RefusePayment(b.CreatedAt)
}
