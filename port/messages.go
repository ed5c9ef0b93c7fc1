package port

import (
	"context"
	"errors"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

//go:generate go tool mockgen -source=messages.go -destination=portmock/messages.go -package=portmock

// Publisher sends messages to their topics.
type Publisher interface {
	// Send queues one message and returns at once. done is called exactly
	// once, from a goroutine of the adapter, when the brokers have acknowledged
	// it (nil) or when its fate is unknown (it may still be in the log). It must
	// not block. Messages to one partition keep the order of their Sends unless
	// one fails. The adapter retries within its own time limit; after an error
	// the caller sends the same envelope, with the same ID, again.
	Send(e message.Envelope, done func(error))
}

// Input is one partition of one inbound topic of an event.
type Input struct {
	Event     domain.EventID
	Action    message.Action
	Partition domain.Partition
	Cluster   string // id of the Kafka cluster
	TopicID   string // Kafka's id: a topic made anew under the same name is another input
}

// Delivery is one record that was read.
type Delivery struct {
	Input    Input
	Offset   int64
	Envelope message.Envelope
	// Poison is set when the record is no message of its topic (not readable,
	// of an unknown version, on a foreign partition). Raw holds its bytes and
	// Envelope.Body is nil unless it could be read all the same. Booking and
	// Section are those of a request for seats that cannot be read but for them.
	Poison  error
	Raw     []byte
	Booking domain.BookingID
	Section string
}

// Inbox handles what arrives for an event. The driving adapter joins the
// group of the service for the event and calls these from one goroutine per
// event, never two at once for one event.
type Inbox interface {
	// Assigned tells that the group gave these inputs to this server, with the
	// end of each log as it was when asked. It answers the offset to read each
	// from (what it leaves out is not read), and may block (the seat owner claims
	// here, at most some seconds).
	// An error gives the membership up; it is taken again after a pause.
	Assigned(ctx context.Context, event domain.EventID, ends map[Input]int64) (map[Input]int64, error)
	// Revoked tells that these inputs are no longer this server's.
	Revoked(event domain.EventID, inputs []Input)
	// Deliver handles a batch: of each input in offset order, without gaps from
	// the offset that Assigned answered. nil: handled, or safely taken over. An
	// error gives the membership up and takes it again after a pause: Assigned
	// is asked anew. The slice is the callee's for the call only.
	Deliver(ctx context.Context, event domain.EventID, batch []Delivery) error
}

// DeadLetter is a record that nobody can process.
type DeadLetter struct {
	// Input and Offset are where the record stands: Event, Action and Partition
	// are enough. The service that the action goes to could not process it.
	Input  Input
	Offset int64
	Reason string
	Raw    []byte // nil: Bury reads the record again
}

// DeadLetters keeps what nobody can process for a person to look at.
type DeadLetters interface {
	// Bury returns when the brokers have acknowledged it. Repeats are harmless.
	Bury(ctx context.Context, d DeadLetter) error
}

// EventTopics makes the topics of an event.
type EventTopics interface {
	// Create makes all topics of the event that are missing (ten partitions,
	// no retention limit) and returns the journal's topic id. Idempotent.
	Create(ctx context.Context, event domain.EventID) (journalTopicID string, err error)
}

// ErrForeignPartition is in the chain of Delivery.Poison when a message stands
// on a partition that is not its section's: a dead letter that fails nobody,
// since the message's own partition answers it.
var ErrForeignPartition = errors.New("message on a foreign partition")
