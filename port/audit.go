package port

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Logs reads whole topics for an audit. Each call reads up to the end that the
// log has when the call begins, the records of a partition in order. The
// functions are called from one goroutine.
type Logs interface {
	// Journal reads the seat journal of an event.
	Journal(ctx context.Context, event domain.EventID, fn func(domain.Partition, journal.Entry)) error
	// Messages reads the topic of an action. It begins at the oldest record that
	// the broker still has. Records that cannot be read are deliveries with Poison.
	Messages(ctx context.Context, event domain.EventID, action message.Action, fn func(Delivery)) error
	// Ends returns the present ends of the partitions of an action's topic.
	Ends(ctx context.Context, event domain.EventID, action message.Action) (topicID string, ends map[domain.Partition]int64, err error)
	// DeadLetters counts the records in the dead letter topic. A record that was
	// written there twice counts once.
	DeadLetters(ctx context.Context) (int, error)
}

// BookingRecords reads everything that booking-service keeps.
type BookingRecords interface {
	AllBookings(ctx context.Context) ([]booking.Booking, error)
	AllPayments(ctx context.Context) ([]booking.Payment, error)
	// KeysUsedTwice counts the idempotency keys under which one buyer has more
	// than one booking.
	KeysUsedTwice(ctx context.Context) (int, error)
}

// InputRecords reads how far a service has applied its inputs, and which of its
// own messages are not sent yet.
type InputRecords interface {
	NextOffsets(ctx context.Context) (map[InputPlace]int64, error)
	// Unsent returns the bookings of the messages in the outbox.
	Unsent(ctx context.Context) ([]domain.BookingID, error)
}

// InputPlace is a partition of a topic. TopicID is Kafka's id of the topic.
type InputPlace struct {
	TopicID   string
	Partition domain.Partition
}

// Process is what a running process reports about itself.
type Process struct {
	Name                           string
	Goroutines, Files, OpenStreams int
}

// TicketRecords reads everything that event-ticketing-service keeps.
type TicketRecords interface {
	// EventIDs returns the events that are not `creating`, in ascending order.
	EventIDs(ctx context.Context) ([]domain.EventID, error)
	// AllTickets returns the tickets in layout order, and the counts by section
	// that the deltas add up to.
	AllTickets(ctx context.Context, event domain.EventID) (tickets []ticketing.Ticket, counts []ticketing.Counts, err error)
	// Revenue returns what the deltas add up to, at one moment: the revenue of each
	// section, in the order of the sections, and what was sold in each minute in all
	// sections together.
	Revenue(ctx context.Context, event domain.EventID) (bySection []int64, byMinute []ticketing.Interval, err error)
}

// Charge is what the gateway's book says about a payment. Booking and Amount are
// those of the authorisation. They are zero if the payment was voided first.
type Charge struct {
	Payment  string
	Booking  string
	Amount   domain.Money
	State    string // authorised, declined, captured or voided
	Captures int    // how often it was captured
}

// Charges reads the gateway's book.
type Charges interface {
	Charges(ctx context.Context) ([]Charge, error)
}

// StoredSeats reads what a seat owner keeps.
type StoredSeats interface {
	Load(event domain.EventID, p domain.Partition) (snapshot SeatSnapshot, found bool, err error)
	// Outcomes calls fn with every outcome of an event and the partition that it
	// was decided on, in any order.
	Outcomes(event domain.EventID, fn func(domain.Partition, Outcome)) error
}
