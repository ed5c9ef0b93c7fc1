package port

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

//go:generate go tool mockgen -source=ticketing.go -destination=portmock/ticketing.go -package=portmock

// NewEvents keeps events on their way to being on sale.
type NewEvents interface {
	// Create stores an event (`creating`) with its sections and one AVAILABLE
	// ticket for each seat as one step, under the next id. SellerID, CreatedAt
	// and Revision are the caller's.
	Create(ctx context.Context, e ticketing.CatalogueEvent) (domain.EventID, error)
}

// EventChanges changes events and brings what they are into the catalogue, in
// two steps: what is published is never ahead of what is stored, and what is
// stored and not yet published is found again.
type EventChanges interface {
	// Change stores what change makes of an event, under the next revision; if
	// it makes nothing of it, nothing is stored. Sections keep their number,
	// names and layouts. An error of change is passed on. An event that is
	// unknown or `creating`: a NotFound refusal.
	Change(ctx context.Context, id domain.EventID, change func(ticketing.Event) (ticketing.Event, error)) error
	// Stored reads the event's row as it is, without counts, also one that is
	// `creating`. Unknown: a NotFound refusal.
	Stored(ctx context.Context, id domain.EventID) (ticketing.Event, error)
	// PublishLocked reads the event's row as it is, without counts, and calls
	// publish while the row is locked: what it publishes cannot be overtaken by
	// an older reading. What it changes of Status (creating → on_sale) and
	// JournalTopicID is stored when it answers nil, and the revision counts as
	// published; its error is passed on. Unknown: a NotFound refusal.
	PublishLocked(ctx context.Context, id domain.EventID, publish func(ctx context.Context, e *ticketing.Event) error) error
	// Unpublished lists the events whose last revision was not published, oldest
	// first.
	Unpublished(ctx context.Context) ([]domain.EventID, error)
}

// Events reads events. None that is `creating` is ever answered.
type Events interface {
	// Event finds one, with the counts of each section. Unknown: a NotFound
	// refusal, code event_not_found.
	Event(ctx context.Context, id domain.EventID) (ticketing.Event, error)
	// List is newest first, Sections left out, Counts the total alone: on sale,
	// or all of a seller's if the filter names one.
	List(ctx context.Context, f EventFilter) ([]ticketing.Event, error)
}

// EventFilter chooses a page of events.
type EventFilter struct {
	Seller domain.UserID  // 0: of all sellers, on sale
	Before domain.EventID // 0: from the newest
	Limit  int
}

// Sales reads what was sold.
type Sales interface {
	// Sales answers the sums of all deltas, as they are at one moment. An event
	// that is not known has none.
	Sales(ctx context.Context, event domain.EventID) (ticketing.Sales, error)
}

// DeltaFolding keeps the cost of counts and sales independent of their history.
type DeltaFolding interface {
	// FoldDeltas adds up to limit deltas to the sums of their sections and minutes
	// as one step, and returns how many there were. The readings of Events and Sales
	// are the same before and after. Several servers may fold at once: each delta
	// is added once.
	FoldDeltas(ctx context.Context, limit int) (n int, err error)
}

// Tickets reads the tickets of record.
type Tickets interface {
	// List is in layout order. An event that is not known has none.
	List(ctx context.Context, event domain.EventID, f TicketFilter) ([]ticketing.Listed, error)
}

// TicketFilter chooses a page of tickets; zero values choose all.
type TicketFilter struct {
	Section    string
	Subsection int
	Status     *ticketing.Status
	After      domain.SeatID // the page begins behind this seat
	Limit      int
}

// TicketInputs applies what arrives to the tickets of record.
type TicketInputs interface {
	// Positions answers the next offset of each input; one that is not known yet
	// starts at 0.
	Positions(ctx context.Context, inputs []Input) (map[Input]int64, error)
	// Apply makes effects, outgoing messages and the next offsets durable as one
	// step. The tickets of seats (of one event, in any order) are locked in
	// layout order and given to decide, which must be pure: it may be called
	// again when the step is repeated after a deadlock. seats that are no ticket
	// are left out. If an input does not stand at Progress.From, nothing is
	// stored and the answer is ErrFenced: another server has it.
	Apply(ctx context.Context, event domain.EventID, progress []Progress, seats []domain.SeatID,
		decide func([]ticketing.Ticket) TicketChanges) error
}

// ErrFenced tells that an input was moved on by another server.
var ErrFenced = errors.New("this input was moved on by another server")

// Progress moves an input from one next offset to another.
type Progress struct {
	Input    Input
	From, To int64
}

// TicketChanges are stored as one step.
type TicketChanges struct {
	Tickets  []ticketing.Ticket // as they are now; each seat once
	Deltas   []ticketing.Delta
	Outgoing []OutgoingSeats
}

// OutgoingSeats is FinalizeSeats or ReleaseSeat, on its way through the outbox.
type OutgoingSeats struct {
	Action  message.Action // FinalizeTicket or ReleaseTicket
	Change  message.SeatChange
	Section domain.Partition // of the section
	At      time.Time
}

// Outbox hands on what Apply stored, in no order.
type Outbox interface {
	// Claim takes up to limit messages that no other server holds, and calls
	// publish while it holds them; they are forgotten when it answers nil, and
	// are claimed again otherwise. A message has the same ID each time. n is how
	// many were published; publish is not called when there is none.
	Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (n int, err error)
}
