package booking

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// GatewayLimit is how long a call of the gateway may take.
const GatewayLimit = 10 * time.Second

// PayBooking pays a booking with a card.
type PayBooking struct {
	payments port.Payments
	gateway  port.Gateway
	feed     port.BookingFeed
	newID    func() booking.PaymentID
}

// NewPayBooking binds the ports.
func NewPayBooking(p port.Payments, g port.Gateway, f port.BookingFeed, newID func() booking.PaymentID) *PayBooking {
	return &PayBooking{p, g, f, newID}
}

// CardPayment says who pays for which booking with which card.
type CardPayment struct {
	BuyerID   domain.UserID
	BookingID domain.BookingID
	Card      booking.Card
}

// Handle returns the booking, PAID, or a refusal: NotFound, Invalid, Conflict,
// Gone, Declined or TimedOut. The attempt is stored before the gateway is called,
// so that whatever the gateway did is found and captured or voided later. A
// caller that hangs up does not stop it half way.
func (h *PayBooking) Handle(ctx context.Context, in CardPayment) (booking.Booking, error) {
	ctx = context.WithoutCancel(ctx)
	id := h.newID()
	payment, err := h.payments.Start(ctx, in.BookingID, func(b booking.Booking, now time.Time) (booking.Payment, error) {
		return b.StartPayment(id, in.BuyerID, now)
	})
	if err != nil {
		return booking.Booking{}, err
	}
	if err := h.authorise(ctx, payment, in.Card); err != nil {
		return booking.Booking{}, err
	}
	var end booking.Conclusion
	err = h.payments.Conclude(ctx, payment.ID, func(p booking.Payment, b booking.Booking, now time.Time) booking.Conclusion {
		end = p.Conclude(b, now)
		return end
	})
	if err == nil {
		err = end.Refused
	}
	if err != nil {
		return booking.Booking{}, err
	}
	h.feed.Changed([]booking.Booking{end.Paid.Booking})
	return end.Paid.Booking, nil
}

func (h *PayBooking) authorise(ctx context.Context, p booking.Payment, card booking.Card) error {
	limited, cancel := context.WithTimeout(ctx, GatewayLimit)
	defer cancel()
	err := h.gateway.Authorise(limited, p, card)
	r, refused := domain.AsRefusal(err)
	switch {
	case refused && r.Kind == domain.Declined:
		if _, failed := h.payments.Move(ctx, p.ID, booking.Started, booking.Declined); failed != nil {
			return failed
		}
		return err
	case err != nil:
		return booking.ErrPaymentTimeout // the worker voids it
	}
	inTime, err := h.payments.Move(ctx, p.ID, booking.Started, booking.Authorised)
	if err == nil && !inTime {
		err = booking.ErrPaymentTimeout // the worker gave it up meanwhile
	}
	return err
}
