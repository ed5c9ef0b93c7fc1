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

// NewEvents stores new events.
type NewEvents interface {
	// Create stores an event as `creating`, with its sections and one AVAILABLE
	// ticket for each seat, as one step under the next id. The caller sets SellerID,
	// CreatedAt and Revision.
	Create(ctx context.Context, e ticketing.CatalogueEvent) (domain.EventID, error)
}

// EventChanges changes events and publishes them in the catalogue, in two steps. A
// revision is stored before it is published, and one that was not published is
// listed by Unpublished.
type EventChanges interface {
	// Change calls change with an event while the event is locked, and stores the
	// returned event under the next revision. If the event is the same as before,
	// nothing is stored. Sections keep their number, names and layouts. An error of
	// change is returned. An event that is unknown or `creating` is a NotFound
	// refusal.
	Change(ctx context.Context, id domain.EventID, change func(ticketing.Event) (ticketing.Event, error)) error
	// Stored returns an event without counts, also one that is `creating`. An
	// unknown event is a NotFound refusal.
	Stored(ctx context.Context, id domain.EventID) (ticketing.Event, error)
	// PublishLocked calls publish with an event, without counts, while the event is
	// locked, so that no older revision is published after a newer one. When publish
	// returns nil, its change of Status (creating → on_sale) is stored, and the
	// revision counts as published. An error of publish is returned.
	// An unknown event is a NotFound refusal.
	PublishLocked(ctx context.Context, id domain.EventID, publish func(ctx context.Context, e *ticketing.Event) error) error
	// Unpublished returns the events whose last revision was not published, oldest
	// first.
	Unpublished(ctx context.Context) ([]domain.EventID, error)
}

// Events reads events. It never returns an event that is `creating`.
type Events interface {
	// Event returns an event with the counts of each section. An unknown event is
	// ticketing.UnknownEvent.
	Event(ctx context.Context, id domain.EventID) (ticketing.Event, error)
	// List returns a page of events, newest first, without Sections; Counts has the
	// total alone. It lists events on sale, or all events of the filter's seller.
	List(ctx context.Context, f EventFilter) ([]ticketing.Event, error)
}

// EventFilter chooses a page of events.
type EventFilter struct {
	Seller domain.UserID  // 0: events on sale of all sellers
	Before domain.EventID // 0: from the newest
	Limit  int
}

// Sales reads what was sold.
type Sales interface {
	// Sales returns the sums of all deltas at one moment. An unknown event has none.
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
	// List returns a page of tickets in layout order. An unknown event has none.
	List(ctx context.Context, event domain.EventID, f TicketFilter) ([]ticketing.Listed, error)
}

// TicketFilter chooses a page of tickets. Zero values choose all.
type TicketFilter struct {
	Section    string
	Subsection int
	Status     *ticketing.Status
	After      domain.SeatID // the page begins after this seat
	Limit      int
}

// TicketInputs applies messages to the tickets of record.
type TicketInputs interface {
	// Positions returns the next offset of each input. A new input starts at 0.
	Positions(ctx context.Context, inputs []Input) (map[Input]int64, error)
	// Apply makes changes, outgoing messages and the next offsets durable as one
	// step. It locks the tickets of seats, which are of one event and in any order,
	// in layout order, and passes them to decide. decide must be pure, because the
	// step may be repeated after a deadlock. Seats without a ticket are left out. If
	// an input is not at Progress.From, Apply stores nothing and returns ErrFenced:
	// another server has the input.
	Apply(ctx context.Context, event domain.EventID, progress []Progress, seats []domain.SeatID,
		decide func([]ticketing.Ticket) TicketChanges) error
}

// ErrFenced means that another server has moved an input on.
var ErrFenced = errors.New("this input was moved on by another server")

// Progress moves the next offset of an input.
type Progress struct {
	Input    Input
	From, To int64
}

// TicketChanges are stored as one step.
type TicketChanges struct {
	Tickets  []ticketing.Ticket // after the change; each seat once
	Deltas   []ticketing.Delta
	Outgoing []OutgoingSeats
}

// OutgoingSeats is a FinalizeSeats or ReleaseSeat for the outbox.
type OutgoingSeats struct {
	Action  message.Action // FinalizeTicket or ReleaseTicket
	Change  message.SeatChange
	Section domain.Partition // of the section
	At      time.Time
}

// Outbox has the messages that Apply stored, in no order.
type Outbox interface {
	// Claim takes up to limit messages that no other server holds and calls publish
	// while it holds them. When publish returns nil, the messages are removed; else
	// they are claimed again later. A message has the same ID each time. Claim
	// returns the number of published messages. It does not call publish without a
	// message.
	Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (n int, err error)
}
