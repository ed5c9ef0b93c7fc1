package port

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
)

//go:generate go tool mockgen -source=booking.go -exclude_interfaces=Clock -destination=portmock/booking.go -package=portmock

// Bookings stores and reads bookings.
type Bookings interface {
	// Accept stores a new booking and returns once it is durable. The adapter may
	// store concurrent calls as one group; a bad booking fails alone. If too many
	// calls wait already, Accept returns an Unavailable refusal and stores
	// nothing. If the connection is lost during the commit, the adapter looks for
	// the booking by its id. If that takes too long, Accept returns an error, and
	// the booking may have been stored.
	// If the buyer already has a booking under the key, Accept stores nothing and
	// returns that booking as it was accepted. If it was requested with another
	// body, Accept returns booking.ErrKeyReused.
	Accept(ctx context.Context, b booking.Booking, key IdempotencyKey) (booking.Booking, error)
	// Accepted returns what Accept stored for a buyer under a key, which must not
	// be empty, or booking.ErrUnknown. It refuses another body as Accept does.
	Accepted(ctx context.Context, buyer domain.UserID, key IdempotencyKey) (booking.Booking, error)
	// Booking returns one booking, or booking.ErrUnknown.
	Booking(ctx context.Context, id domain.BookingID) (booking.Booking, error)
	// History returns bookings, newest first.
	History(ctx context.Context, f HistoryFilter) ([]booking.Booking, error)
	// Revisions returns the revision of each booking that History would return for
	// f.Buyer, f.Event and f.Limit. Open streams call it all the time and are in no
	// hurry: the adapter may gather calls for up to half a second.
	Revisions(ctx context.Context, f HistoryFilter) (map[domain.BookingID]int64, error)
}

// IdempotencyKey lets a client repeat a request safely. The zero value is no
// key.
type IdempotencyKey struct {
	Key  string
	Body [32]byte // SHA-256 of the request's body
}

// UnansweredBookings finds bookings whose request to the seat owner has no
// answer yet. Their rows are the outbox of these requests.
type UnansweredBookings interface {
	// ClaimUnanswered takes up to limit bookings that are PROCESSING and due to be
	// sent again on the store's clock. Each becomes due again after a pause that
	// doubles. Concurrent calls take different bookings.
	ClaimUnanswered(ctx context.Context, limit int) ([]booking.Booking, error)
	// AllDue makes every booking that is PROCESSING due now.
	AllDue(ctx context.Context) error
}

// HistoryFilter selects a page of a buyer's bookings. A zero value selects all.
type HistoryFilter struct {
	Buyer  domain.UserID
	Event  domain.EventID
	Status booking.Status
	Before domain.BookingID // only older ones than this
	Limit  int
}

// BookingInputs applies the answers of the seat owner.
type BookingInputs interface {
	// Positions returns the next offset of each input. An input that is new starts
	// at 0.
	Positions(ctx context.Context, inputs []Input) (map[Input]int64, error)
	// Apply makes changed bookings, outgoing messages and the next offsets durable
	// as one step. It locks the bookings that exist in the order of their ids and
	// calls decide with them and the store's clock. decide must be pure: the step
	// may be repeated. If an input is not at Progress.From, Apply stores nothing
	// and returns ErrFenced. If the store refuses a value for good, Apply stores
	// nothing and returns ErrBadValue.
	Apply(ctx context.Context, progress []Progress, ids []domain.BookingID,
		decide func(now time.Time, found map[domain.BookingID]booking.Booking) BookingChanges) error
}

// Clock is the clock of the store: what it says about deadlines is right, also on
// a server whose own clock is wrong.
type Clock interface {
	// Now returns the time in UTC. It does not block.
	Now() time.Time
}

// ErrBadValue reports that a store will never take a value, however often it is
// tried.
var ErrBadValue = errors.New("the store refuses this value")

// BookingChanges are stored as one step.
type BookingChanges struct {
	Bookings []booking.Booking // new state; each booking once
	Outgoing []message.BookingExpiredReleaseTickets
}

// Cancellations stores the end of bookings that are not paid. The domain
// decides in a function that the store calls while it holds the row.
type Cancellations interface {
	// Cancel locks one booking, calls decide with it, and stores the change as one
	// step. decide must be pure: the step may be repeated. If decide returns an
	// error, Cancel stores nothing and returns it. An id that is unknown:
	// booking.ErrUnknown.
	Cancel(ctx context.Context, id domain.BookingID, decide func(booking.Booking) (booking.Change, error)) (booking.Booking, error)
	// ExpireDue locks up to limit bookings that are PENDING_PAYMENT and whose
	// window is over, calls decide with each and the store's clock, and stores the
	// changes as one step. It returns the changed bookings. It passes over
	// bookings that another step holds; they are found again by a later call.
	ExpireDue(ctx context.Context, limit int, decide func(booking.Booking, time.Time) (booking.Change, bool)) ([]booking.Booking, error)
}
