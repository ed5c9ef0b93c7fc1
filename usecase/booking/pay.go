package booking

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// GatewayLimit is how long the gateway may take to authorise.
const GatewayLimit = 10 * time.Second

// PayBooking charges a card for a booking.
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

// Charge is what to pay for, a booking of the buyer who asks, with which card.
type Charge struct {
	BookingID domain.BookingID
	Card      booking.Card
}

// Handle answers the booking, PAID, or a refusal: Declined, TimedOut, Conflict
// or Gone. The attempt is in the store before the gateway hears of it, so that
// whatever the gateway did is found and captured or voided, by us or by the
// worker. A caller who hangs up does not stop it half way.
func (h *PayBooking) Handle(ctx context.Context, in Charge) (booking.Booking, error) {
	ctx = context.WithoutCancel(ctx)
	payment, err := h.payments.Start(ctx, booking.Payment{ID: h.newID(), BookingID: in.BookingID})
	if err != nil {
		return booking.Booking{}, err
	}
	if err := h.authorise(ctx, payment, in.Card); err != nil {
		return booking.Booking{}, err
	}
	b, err := h.payments.Settle(ctx, payment.ID)
	if err == nil {
		h.feed.Changed([]booking.Booking{b})
	}
	return b, err
}

func (h *PayBooking) authorise(ctx context.Context, p booking.Payment, card booking.Card) error {
	limited, cancel := context.WithTimeout(ctx, GatewayLimit)
	defer cancel()
	err := h.gateway.Authorise(limited, p, card)
	r, refused := domain.AsRefusal(err)
	switch {
	case refused && r.Kind == domain.Declined:
		if _, failed := h.payments.Answer(ctx, p.ID, booking.Declined); failed != nil {
			return failed
		}
		return err
	case err != nil:
		return errTimeout // the worker gives it up and voids it
	}
	inTime, err := h.payments.Answer(ctx, p.ID, booking.Authorised)
	if err == nil && !inTime {
		err = errTimeout // it was given up meanwhile
	}
	return err
}

var errTimeout = domain.Refuse(domain.TimedOut, "payment_timeout", "the card did not answer in time and is not charged; try again or with another one")
