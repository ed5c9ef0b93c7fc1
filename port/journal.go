package port

import (
	"context"
	"errors"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
)

//go:generate go tool mockgen -source=journal.go -destination=portmock/journal.go -package=portmock

// Journal writes and reads the seat journals.
type Journal interface {
	// Append queues one record and returns at once. done is called exactly once
	// from a goroutine of the adapter: nil when all replicas acknowledged it, an
	// error when its fate is unknown (it may be in the log, now or later).
	// Appends to one partition keep their order unless one fails. After an error
	// the adapter goes on with a new producer. It must be the caller who settles
	// the fate, by reading.
	Append(event domain.EventID, p domain.Partition, r journal.Record, done func(error))
	// Range reads the records with from ≤ offset < to, in order. It is an error
	// (not a short read) when they are not all there.
	Range(ctx context.Context, event domain.EventID, p domain.Partition, from, to int64, fn func(journal.Entry)) error
	// Ends returns the end of each partition of the event's journal: the offset of
	// its next record.
	Ends(ctx context.Context, event domain.EventID) (map[domain.Partition]int64, error)
	// Recognise answers nil if the journal of the event is the topic with this id,
	// ErrOtherJournal if it is another or none. It may block some seconds: brokers
	// hear of a new topic one after the other.
	Recognise(ctx context.Context, event domain.EventID, topicID string) error
	// Follow reads the journal of an event from the given offset of each of its
	// partitions, without a group, until ctx is done, and calls reader with what
	// it reads; several events may be followed at once. topicID is the one in the
	// catalogue: if the topic has another, the answer is ErrOtherJournal.
	Follow(ctx context.Context, event domain.EventID, topicID string, from map[domain.Partition]int64, reader JournalReader) error
}

// JournalReader takes what was read of a journal.
type JournalReader interface {
	// Read gets entries of one partition in order, without gaps. It may block;
	// the slice is the callee's to keep.
	Read(event domain.EventID, p domain.Partition, entries []journal.Entry)
}

// ErrOtherJournal is in the chain when the journal of an event is not the one of
// which the catalogue knows: what was sold is not in it.
var ErrOtherJournal = errors.New("it is another journal, and must be rebuilt from the tickets")
