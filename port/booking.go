package port

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
)

//go:generate go tool mockgen -source=booking.go -destination=portmock/booking.go -package=portmock

// Bookings keeps bookings.
type Bookings interface {
	// Accept stores a new booking and answers it once it is durable; the adapter
	// groups concurrent calls. One bad booking fails alone. When more wait than
	// the adapter holds: an Unavailable refusal, and nothing is stored. A
	// connection that dies during the commit is settled by the booking's id, with
	// or without a key; if that takes too long the answer is an error, and the
	// booking may be there.
	// If the buyer has a booking under the key already, that one is answered, as
	// it was accepted; or an Unprocessable refusal (idempotency_key_reused) if it
	// was asked for by another body.
	Accept(ctx context.Context, b booking.Booking, key IdempotencyKey) (booking.Booking, error)
	// Accepted finds what Accept stored for a buyer under a key that is not
	// empty, with the same refusals; NotFound if there is none.
	Accepted(ctx context.Context, buyer domain.UserID, key IdempotencyKey) (booking.Booking, error)
	// Booking finds one. Unknown: a NotFound refusal, code booking_not_found.
	Booking(ctx context.Context, id domain.BookingID) (booking.Booking, error)
	// History is newest first.
	History(ctx context.Context, f HistoryFilter) ([]booking.Booking, error)
}

// IdempotencyKey is what a client sent to be able to repeat a request. The
// zero value is none.
type IdempotencyKey struct {
	Key  string
	Body [32]byte // SHA-256 of the request's body
}

// UnansweredBookings finds the rows that are the outbox of their requests.
type UnansweredBookings interface {
	// ClaimUnanswered takes up to limit bookings that are PROCESSING and due for
	// being sent again; each is due next after a time that doubles.
	ClaimUnanswered(ctx context.Context, limit int) ([]booking.Booking, error)
	// AllDue makes every booking that is PROCESSING due now.
	AllDue(ctx context.Context) error
}

// HistoryFilter chooses a page of a buyer's bookings; zero values choose all.
type HistoryFilter struct {
	Buyer  domain.UserID
	Event  domain.EventID
	Status booking.Status
	Before domain.BookingID // older than this one
	Limit  int
}

// BookingInputs applies the answers of the seat owner.
type BookingInputs interface {
	// Positions answers the next offset of each input; one that is not known yet
	// starts at 0.
	Positions(ctx context.Context, inputs []Input) (map[Input]int64, error)
	// Apply makes changed bookings, outgoing messages and the next offsets
	// durable as one step. The bookings that exist are locked in the order of
	// their ids and given to decide with the store's clock; decide must be pure,
	// since the step may be repeated. If an input does not stand at
	// Progress.From, nothing is stored and the answer is ErrFenced.
	Apply(ctx context.Context, progress []Progress, ids []domain.BookingID,
		decide func(now time.Time, found map[domain.BookingID]booking.Booking) BookingChanges) error
}

// BookingChanges are stored as one step.
type BookingChanges struct {
	Bookings []booking.Booking // as they are now; each once
	Outgoing []message.BookingExpiredReleaseTickets
}

// Cancellations end bookings that are not paid. A booking is CANCELLED in one
// step with the message that gives its seats back, if it has any.
type Cancellations interface {
	// Cancel ends a booking for its buyer, or answers the refusal of
	// booking.RefuseCancellation.
	Cancel(ctx context.Context, id domain.BookingID) (booking.Booking, error)
	// ExpireDue ends up to limit bookings whose window is over on the store's
	// clock, and answers them.
	ExpireDue(ctx context.Context, limit int) ([]booking.Booking, error)
}
