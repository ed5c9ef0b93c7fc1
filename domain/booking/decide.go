package booking

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Change is a booking after a decision. It is stored together with the message
// that follows from it.
type Change struct {
	Booking Booking
	Message message.Message // nil: none
}

// RefuseOther returns ErrUnknown unless the booking belongs to the buyer.
func (b Booking) RefuseOther(buyer domain.UserID) error {
	if b.BuyerID != buyer {
		return ErrUnknown
	}
	return nil
}

// CancelByBuyer cancels the booking because its buyer asks for it.
func (b Booking) CancelByBuyer(buyer domain.UserID) (Change, error) {
	if err := b.RefuseOther(buyer); err != nil {
		return Change{}, err
	}
	switch b.Status {
	case Paid:
		return Change{}, errPaid
	case Failed:
		return Change{}, errFailed
	case Cancelled:
		return Change{}, errCancelled
	}
	return b.cancelled(ByBuyer), nil
}

// Expire cancels the booking if it is pending and its payment window is over at
// now. It reports false otherwise. No other clock and no other store has a say:
// a key with a time to live, in Redis or elsewhere, decides nothing.
func (b Booking) Expire(now time.Time) (Change, bool) {
	if b.Status != PendingPayment || now.Before(b.ExpiresAt) {
		return Change{}, false
	}
	return b.cancelled(Expired), true
}

func (b Booking) cancelled(reason CancellationReason) Change {
	b, _ = b.Cancel(reason)
	c := Change{Booking: b}
	if len(b.Seats) > 0 {
		c.Message = message.BookingExpiredReleaseTickets{EventID: b.EventID, BookingID: b.ID, Section: b.Section, Seats: b.Seats, Hold: b.Hold,
			Reason: string(b.Cancellation)}
	}
	return c
}

// StartPayment returns a new attempt to pay, if the buyer may pay the booking at
// now.
func (b Booking) StartPayment(id PaymentID, buyer domain.UserID, now time.Time) (Payment, error) {
	if err := b.RefuseOther(buyer); err != nil {
		return Payment{}, err
	}
	if err := b.RefusePayment(now); err != nil {
		return Payment{}, err
	}
	total, _ := b.Total()
	return Payment{ID: id, BookingID: b.ID, Amount: total, Status: Started, StartedAt: now}, nil
}

// Conclusion says what becomes of an attempt to pay that the gateway
// authorised, and of its booking.
type Conclusion struct {
	Payment PaymentStatus // the attempt's new status
	Paid    *Change       // the booking, PAID; nil if it was refused
	Refused error         // why the booking is not paid
}

// Conclude decides at now between a payment and everything that may have come
// first: the deadline, a cancellation, another payment, or the worker that gave
// the attempt up. The payment that loses is voided.
func (p Payment) Conclude(b Booking, now time.Time) Conclusion {
	paid, ok := b.Pay(now)
	switch {
	case ok && p.Status.CanBecome(CaptureDue):
		total, _ := paid.Total()
		return Conclusion{Payment: CaptureDue, Paid: &Change{paid, message.BookingPaidSuccess{EventID: b.EventID, BookingID: b.ID, BuyerID: b.BuyerID,
			Section: b.Section, Seats: b.Seats, Hold: b.Hold, UnitPrice: b.UnitPrice, Total: total, PaidAt: paid.PaidAt}}}
	case ok:
		return Conclusion{Payment: p.Status, Refused: ErrPaymentTimeout}
	case p.Status.CanBecome(VoidDue):
		return Conclusion{Payment: VoidDue, Refused: b.RefusePayment(now)}
	}
	return Conclusion{Payment: p.Status, Refused: b.RefusePayment(now)}
}

// GiveUpAfter is how old an attempt is before it is given up. It must leave the
// gateway its full time to answer, and then the booking time to become PAID.
const GiveUpAfter = time.Minute

// GiveUp makes an attempt void_due if it is older than GiveUpAfter and led to
// nothing. It reports false otherwise.
func (p Payment) GiveUp(now time.Time) (Payment, bool) {
	if now.Sub(p.StartedAt) < GiveUpAfter || !p.Status.CanBecome(VoidDue) {
		return p, false
	}
	p.Status = VoidDue
	return p, true
}
