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
	// Creating lists the events that are still `creating`, oldest first.
	Creating(ctx context.Context) ([]domain.EventID, error)
	// WithEventLocked reads the event's row as it is, without counts, and calls
	// fn while the row is locked: what fn publishes cannot be overtaken by an
	// older reading. What fn changes of Status and JournalTopicID is stored when
	// it answers nil; its error is passed on. Unknown: a NotFound refusal.
	WithEventLocked(ctx context.Context, id domain.EventID, fn func(ctx context.Context, e *ticketing.Event) error) error
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
