package port

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain/booking"
)

//go:generate go tool mockgen -source=payment.go -destination=portmock/payment.go -package=portmock

// Payments keeps attempts to pay.
type Payments interface {
	// Start stores an attempt, `started`, and answers it with the amount to
	// charge, if its booking is PENDING_PAYMENT and the window open on the store's
	// clock. Otherwise nothing is stored and the answer is the refusal of
	// booking.RefusePayment.
	Start(ctx context.Context, p booking.Payment) (booking.Payment, error)
	// Answer notes what the gateway said: started → authorised or declined. false
	// if the attempt is not `started` any more: it was given up meanwhile.
	Answer(ctx context.Context, id booking.PaymentID, to booking.PaymentStatus) (bool, error)
	// Settle decides, as one conditional step on the store's clock: the attempt
	// is `authorised` and its booking PENDING_PAYMENT inside its window → booking
	// PAID, attempt `capture_due`, message outgoing. Otherwise the attempt becomes
	// `void_due` and the answer is the refusal of booking.RefusePayment.
	Settle(ctx context.Context, id booking.PaymentID) (booking.Booking, error)
}

// DuePayments is the worker's side of the attempts.
type DuePayments interface {
	// GiveUp makes `void_due` what is still started or authorised longer than
	// this.
	GiveUp(ctx context.Context, after time.Duration) error
	// ClaimDue takes up to limit attempts that are capture_due or void_due; each
	// is taken again after a while unless it is Done.
	ClaimDue(ctx context.Context, limit int) ([]booking.Payment, error)
	// Done notes the end: captured or voided. Repeats change nothing.
	Done(ctx context.Context, id booking.PaymentID, to booking.PaymentStatus) error
}

// Gateway is where cards are charged. The id of a payment is the idempotency
// key of each call: a repeat has the first one's effect.
type Gateway interface {
	// Authorise reserves the amount on the card. A card that is declined: a
	// Declined refusal. Any other error, ctx's too, means that nobody knows.
	Authorise(ctx context.Context, p booking.Payment, card booking.Card) error
	// Capture takes what was authorised.
	Capture(ctx context.Context, id booking.PaymentID) error
	// Void lets go of what was authorised. The void of an id that is not known
	// yet is remembered, and declines its authorisation.
	Void(ctx context.Context, id booking.PaymentID) error
}
