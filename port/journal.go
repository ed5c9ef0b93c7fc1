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
	// Append queues one record and returns at once. done is called exactly once,
	// from a goroutine of the adapter: nil when all replicas have acknowledged it,
	// an error when it may or may not be in the log, now or later. The caller finds
	// out by reading. Appends to one partition keep their order unless one fails.
	Append(event domain.EventID, p domain.Partition, r journal.Record, done func(error))
	// Range calls fn with the records with from ≤ offset < to, in order. If they
	// are not all there, it returns an error, never a part of them as success.
	Range(ctx context.Context, event domain.EventID, p domain.Partition, from, to int64, fn func(journal.Entry)) error
	// Ends returns the end of each partition of the event's journal: the offset of
	// its next record.
	Ends(ctx context.Context, event domain.EventID) (map[domain.Partition]int64, error)
	// Recognise returns nil if the journal of the event is the topic with this id,
	// ErrOtherJournal if it is another topic or there is none. It may block for
	// some seconds: brokers hear of a new topic one after the other.
	Recognise(ctx context.Context, event domain.EventID, topicID string) error
	// Follow reads the journal of an event from the given offset of each of its
	// partitions, without a group, and passes it to reader. It blocks until ctx is
	// done or reading fails. Several events may be followed at once. topicID is the
	// one in the catalogue: if the topic has another, it returns ErrOtherJournal.
	Follow(ctx context.Context, event domain.EventID, topicID string, from map[domain.Partition]int64, reader JournalReader) error
}

// JournalReader takes the entries of a journal.
type JournalReader interface {
	// Read gets entries of one partition in order, without gaps. It may block, and
	// may keep the slice.
	Read(event domain.EventID, p domain.Partition, entries []journal.Entry)
}

// ErrOtherJournal is in the chain when the journal of an event is not the one that
// the catalogue names. What was sold is not in it.
var ErrOtherJournal = errors.New("it is another journal, and must be rebuilt from the tickets")
