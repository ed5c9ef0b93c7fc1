package port

import (
	"context"

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
	// Follow reads the journal of an event from the given offset of each of its
	// partitions, without a group, until ctx is done, and calls reader with what
	// it reads; several events may be followed at once. topicID is the one in the
	// catalogue: if the topic has another, the answer is an error.
	Follow(ctx context.Context, event domain.EventID, topicID string, from map[domain.Partition]int64, reader JournalReader) error
}

// JournalReader takes what was read of a journal.
type JournalReader interface {
	// Read gets entries of one partition in order, without gaps. It may block;
	// the slice is the callee's to keep.
	Read(event domain.EventID, p domain.Partition, entries []journal.Entry)
}
