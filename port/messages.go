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
	// Send queues one message and returns at once. done is called exactly once,
	// from a goroutine of the adapter, and must not block: nil when the brokers
	// have acknowledged the message, an error when it may or may not be in the
	// log. Messages to one partition keep the order of their Sends unless one
	// fails. The adapter retries within its own time limit. After an error the
	// caller sends the same envelope, with the same ID, again.
	Send(e message.Envelope, done func(error))
}

// Input is one partition of one inbound topic of an event. A topic that was made
// anew under the same name has another id, and is another input.
type Input struct {
	Event     domain.EventID
	Action    message.Action
	Partition domain.Partition
	Cluster   string // id of the Kafka cluster
	TopicID   string // Kafka's id of the topic
}

// Delivery is one record that was read.
type Delivery struct {
	Input    Input
	Offset   int64
	Envelope message.Envelope
	// Poison is set when the record is no message of its topic: it cannot be
	// decoded, has an unknown version, or stands on a foreign partition. Raw holds
	// its bytes. Envelope.Body is nil unless the message could be decoded all the
	// same. Of a request for seats that cannot be decoded, Booking and Section are
	// set if they could be found.
	Poison  error
	Raw     []byte
	Booking domain.BookingID
	Section string
}

// Inbox handles the messages that arrive for an event. The driving adapter joins
// the group of the service for the event. It calls the methods from one goroutine
// per event, never two at once for one event.
type Inbox interface {
	// Assigned is called when the group has given these inputs to this server. Of
	// each it gets the end of the log. It returns the offset to read each from; an
	// input that it leaves out is not read. It may block for some seconds, as the
	// seat owner does to claim, and returns at once when ctx is done. After an
	// error the adapter leaves the group, and joins again after a pause.
	Assigned(ctx context.Context, event domain.EventID, ends map[Input]int64) (map[Input]int64, error)
	// Revoked is called when these inputs no longer belong to this server. Nothing
	// of them is delivered afterwards.
	Revoked(event domain.EventID, inputs []Input)
	// Deliver handles a batch: of each input in offset order, without gaps from
	// the offset that Assigned returned. nil means that the batch was handled, or
	// will be. After an error the adapter leaves the group and joins again after a
	// pause, so that Assigned is called anew. The callee must not keep the slice.
	Deliver(ctx context.Context, event domain.EventID, batch []Delivery) error
}

// DeadLetter is a record that cannot be processed.
type DeadLetter struct {
	// Input and Offset are where the record stands: Event, Action and Partition
	// are enough. The service that the action goes to could not process it.
	Input  Input
	Offset int64
	Reason string
	Raw    []byte // nil: Bury reads the record again
}

// DeadLetters keeps records that cannot be processed, for a person to look at.
type DeadLetters interface {
	// Bury blocks until the brokers have acknowledged the letter. Repeats are
	// harmless.
	Bury(ctx context.Context, d DeadLetter) error
}

// EventTopics creates the topics of an event.
type EventTopics interface {
	// Create creates the topics of the event that are missing, each with ten
	// partitions and no retention limit. It returns the journal's topic id.
	// Idempotent. If the brokers have no room for them, ticketing.TooManyEvents is in
	// the error's chain, and the brokers' words are in its text.
	Create(ctx context.Context, event domain.EventID) (journalTopicID string, err error)
}

// ErrForeignPartition is in the chain of Delivery.Poison when a message stands on
// another partition than its section's. It is a dead letter that fails no booking:
// the message on the right partition is answered.
var ErrForeignPartition = errors.New("message on a foreign partition")
