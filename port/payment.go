package port

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

//go:generate go tool mockgen -source=payment.go -exclude_interfaces=PaymentMover -destination=portmock/payment.go -package=portmock

// Payments stores attempts to pay. The domain decides in functions that the
// store calls while it holds the rows. These must be pure: a step may be
// repeated.
type Payments interface {
	// Start locks a booking, calls decide with it and the store's clock, and
	// stores the new attempt. If decide returns an error, Start stores nothing and
	// returns it. A booking that is unknown: booking.ErrUnknown.
	Start(ctx context.Context, id domain.BookingID, decide func(booking.Booking, time.Time) (booking.Payment, error)) (booking.Payment, error)
	// Conclude locks an attempt and its booking, reads the store's clock after
	// that, and calls decide. It stores the attempt's new status, the booking if
	// it is paid, and the message that follows, as one step. The caller keeps the
	// last conclusion that decide returned: it is the stored one.
	Conclude(ctx context.Context, id booking.PaymentID, decide func(booking.Payment, booking.Booking, time.Time) booking.Conclusion) error
	PaymentMover
}

// PaymentMover moves attempts to pay.
type PaymentMover interface {
	// Move changes an attempt's status from one to another. It reports false, and
	// changes nothing, if the attempt has another status now.
	Move(ctx context.Context, id booking.PaymentID, from, to booking.PaymentStatus) (bool, error)
}

// DuePayments is the worker's side of the attempts to pay.
type DuePayments interface {
	// GiveUp locks attempts that are started or authorised for longer than a time,
	// calls decide with each and the store's clock, and stores those that decide
	// changed.
	GiveUp(ctx context.Context, after time.Duration, decide func(booking.Payment, time.Time) (booking.Payment, bool)) error
	// ClaimDue takes up to limit attempts that are capture_due or void_due.
	// Concurrent calls take different attempts and do not wait for each other. An
	// attempt becomes due again after a pause, unless it was moved on.
	ClaimDue(ctx context.Context, limit int) ([]booking.Payment, error)
	PaymentMover
}

// Gateway charges cards. The id of a payment is the idempotency key of each
// call: a repeat has the same effect as the first call.
type Gateway interface {
	// Authorise reserves the amount on the card. If the card is declined, it
	// returns a Declined refusal. After any other error, also that of ctx, the
	// outcome is unknown.
	Authorise(ctx context.Context, p booking.Payment, card booking.Card) error
	// Capture charges what was authorised.
	Capture(ctx context.Context, id booking.PaymentID) error
	// Void releases what was authorised. If the id is unknown, the gateway keeps
	// the void and declines a later authorisation of that id.
	Void(ctx context.Context, id booking.PaymentID) error
}
