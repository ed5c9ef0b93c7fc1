package port

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Logs reads what was recorded, each log whole up to its present end, the
// records of a partition in order. The functions are called from one goroutine.
type Logs interface {
	Journal(ctx context.Context, event domain.EventID, fn func(domain.Partition, journal.Entry)) error
	// Ends are the present ends of the partitions of an action's topic.
	Ends(ctx context.Context, event domain.EventID, action message.Action) (topicID string, ends map[domain.Partition]int64, err error)
	// DeadLetters counts the records that are buried, each once.
	DeadLetters(ctx context.Context) (int, error)
	Messages(ctx context.Context, event domain.EventID, action message.Action, fn func(Delivery)) error
}

// BookingRecords reads all that booking-service keeps.
type BookingRecords interface {
	AllBookings(ctx context.Context) ([]booking.Booking, error)
	AllPayments(ctx context.Context) ([]booking.Payment, error)
	// KeysUsedTwice counts the idempotency keys under which a buyer has more than
	// one booking.
	KeysUsedTwice(ctx context.Context) (int, error)
}

// InputRecords reads how far a service has applied its inputs, and which
// messages of its own wait to be sent.
type InputRecords interface {
	NextOffsets(ctx context.Context) (map[InputPlace]int64, error)
	// Unsent are the bookings that the messages in the outbox are about.
	Unsent(ctx context.Context) ([]domain.BookingID, error)
}

// InputPlace is a partition of a topic, by Kafka's id of it.
type InputPlace struct {
	TopicID   string
	Partition domain.Partition
}

// Process is what a running process says of itself.
type Process struct {
	Name                           string
	Goroutines, Files, OpenStreams int
}

// TicketRecords reads all that event-ticketing-service keeps.
type TicketRecords interface {
	// EventIDs are those that are not `creating`, in their order.
	EventIDs(ctx context.Context) ([]domain.EventID, error)
	// AllTickets are in layout order, Counts by section as the deltas have them.
	AllTickets(ctx context.Context, event domain.EventID) (tickets []ticketing.Ticket, counts []ticketing.Counts, err error)
}

// Charge is what the gateway's book says about a payment.
type Charge struct {
	Payment  string
	Booking  string
	Amount   domain.Money
	State    string // authorised, declined, captured, voided
	Captures int    // how often it was captured
}

// Charges reads the gateway's book.
type Charges interface {
	Charges(ctx context.Context) ([]Charge, error)
}

// StoredSeats reads what a seat owner keeps.
type StoredSeats interface {
	Load(event domain.EventID, p domain.Partition) (snapshot SeatSnapshot, found bool, err error)
	Outcome(event domain.EventID, booking domain.BookingID) (o Outcome, found bool, err error)
}
