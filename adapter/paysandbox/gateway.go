// Package paysandbox is a payment gateway for development and tests. It keeps its
// own durable book of what was charged, so that an audit can compare it with the
// bookings. The book is one append-only file, shared by all servers on a machine.
package paysandbox

import (
	"context"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Cards and tokens of the sandbox. Any other card is declined.
const (
	CardOK       = "4242424242424242"
	CardDeclined = "4000000000000002"
	CardTimeout  = "4000000000000119" // is authorised, but the answer never comes
	TokenOK      = "tok_ok"
	TokenTimeout = "tok_timeout"
)

// Gateway implements port.Gateway.
type Gateway struct{ book *Book }

var _ port.Gateway = (*Gateway)(nil)

// New returns a gateway that writes to a book.
func New(b *Book) *Gateway { return &Gateway{b} }

// Authorise reserves the amount.
func (g *Gateway) Authorise(ctx context.Context, p booking.Payment, card booking.Card) error {
	pays := card.Number == CardOK || card.Token == TokenOK
	silent := card.Number == CardTimeout || card.Token == TokenTimeout
	line := Line{Payment: p.ID.String(), Booking: p.BookingID.String(), Amount: p.Amount.Amount, Currency: string(p.Amount.Currency), State: Authorised}
	if !pays && !silent {
		line.State = Declined
	}
	state, err := g.book.write(line)
	if err != nil {
		return err
	}
	if silent {
		<-ctx.Done()
		return ctx.Err()
	}
	if state != Authorised && state != Captured {
		return domain.Refuse(domain.Declined, "card_declined", "the card was declined; try another card")
	}
	crashpoint.At(crashpoint.PaymentAuthorised)
	return nil
}

// Capture charges what was authorised.
func (g *Gateway) Capture(_ context.Context, id booking.PaymentID) error {
	return g.end(id, Captured)
}

// Void releases what was authorised, or declines what will be.
func (g *Gateway) Void(_ context.Context, id booking.PaymentID) error {
	return g.end(id, Voided)
}

func (g *Gateway) end(id booking.PaymentID, want State) error {
	state, err := g.book.write(Line{Payment: id.String(), State: want})
	if err == nil && state != want && !(want == Voided && state == Declined) {
		err = stateError{id, state, want}
	}
	return err
}

type stateError struct {
	id         booking.PaymentID
	state, not State
}

func (e stateError) Error() string {
	return "payment " + e.id.String() + " is " + string(e.state) + " and cannot become " + string(e.not)
}
