package memory

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

// Fate is what becomes of an append.
type Fate int

// The fates. The caller of Append cannot distinguish Lost from Unknown.
const (
	Kept    Fate = iota
	Lost         // not in the log, reported as failed
	Unknown      // in the log, reported as failed
	Doubled      // in the log twice, reported as kept
)

// ErrAppend is what a failed append reports.
var ErrAppend = errors.New("append failed, its fate is unknown")

// Journal has the seat journals of all events. Records are copied, so that readers
// share nothing with writers but layouts, which never change.
type Journal struct {
	// Fault decides the fate of each append. nil: all are kept. The journal is locked
	// while it is called.
	Fault func(journal.Record) Fate
	// ReadFault is asked before an event's journal is read or recognised; an error
	// is returned to the reader. It may block until ctx is done. nil: nothing fails.
	ReadFault func(ctx context.Context, event domain.EventID) error
	// TopicID is that of all journals; empty: any id is the right one.
	TopicID string

	mu    sync.Mutex
	logs  map[logKey][]journal.Record
	grown chan struct{} // closed at the next append
}

type logKey struct {
	event     domain.EventID
	partition domain.Partition
}

// NewJournal returns empty journals.
func NewJournal() *Journal {
	return &Journal{logs: map[logKey][]journal.Record{}, grown: make(chan struct{})}
}

var _ port.Journal = (*Journal)(nil)

// Append decides the fate of a record and reports it before it returns.
func (j *Journal) Append(event domain.EventID, p domain.Partition, r journal.Record, done func(error)) {
	done(j.append(logKey{event, p}, r))
}

func (j *Journal) append(key logKey, r journal.Record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	fate := Kept
	if j.Fault != nil {
		fate = j.Fault(r)
	}
	copies := map[Fate]int{Kept: 1, Unknown: 1, Doubled: 2}[fate]
	for range copies {
		j.logs[key] = append(j.logs[key], copied(r))
	}
	if copies > 0 {
		close(j.grown)
		j.grown = make(chan struct{})
	}
	if fate == Lost || fate == Unknown {
		return ErrAppend
	}
	return nil
}

// End is the offset of the next record of a partition.
func (j *Journal) End(event domain.EventID, p domain.Partition) int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return int64(len(j.logs[logKey{event, p}]))
}

func (j *Journal) readable(ctx context.Context, event domain.EventID) error {
	if j.ReadFault == nil {
		return nil
	}
	return j.ReadFault(ctx, event)
}

// Ends returns the end of each partition.
func (j *Journal) Ends(ctx context.Context, event domain.EventID) (map[domain.Partition]int64, error) {
	if err := j.readable(ctx, event); err != nil {
		return nil, err
	}
	ends := map[domain.Partition]int64{}
	for p := range domain.Partition(domain.Partitions) {
		ends[p] = j.End(event, p)
	}
	return ends, nil
}

// Range reads the records from ≤ offset < to.
func (j *Journal) Range(ctx context.Context, event domain.EventID, p domain.Partition, from, to int64, fn func(journal.Entry)) error {
	if err := j.readable(ctx, event); err != nil {
		return err
	}
	if end := j.End(event, p); to > end || from < 0 {
		return fmt.Errorf("records %d to %d of partition %d: the journal ends at %d", from, to, p, end)
	}
	for _, e := range j.entries(logKey{event, p}, from, to) {
		fn(e)
	}
	return nil
}

func (j *Journal) entries(key logKey, from, to int64) []journal.Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	to = min(to, int64(len(j.logs[key])))
	var out []journal.Entry
	for offset := from; offset < to; offset++ {
		out = append(out, journal.Entry{Offset: offset, Record: copied(j.logs[key][offset])})
	}
	return out
}

func copied(r journal.Record) journal.Record {
	r.Seats, r.Positions = slices.Clone(r.Seats), maps.Clone(r.Positions)
	return r
}

// Recognise compares with TopicID.
func (j *Journal) Recognise(ctx context.Context, event domain.EventID, topicID string) error {
	if err := j.readable(ctx, event); err != nil {
		return err
	}
	if j.TopicID != "" && topicID != j.TopicID {
		return fmt.Errorf("%w: it has topic id %s, not %s", port.ErrOtherJournal, j.TopicID, topicID)
	}
	return nil
}

// Follow reads all partitions from the given offsets until ctx is done.
func (j *Journal) Follow(ctx context.Context, event domain.EventID, topicID string, from map[domain.Partition]int64, reader port.JournalReader) error {
	if err := j.Recognise(ctx, event, topicID); err != nil {
		return err
	}
	next := map[domain.Partition]int64{}
	for p, offset := range from {
		next[p] = offset
	}
	for {
		j.mu.Lock()
		grown := j.grown
		j.mu.Unlock()
		for p := range domain.Partition(domain.Partitions) {
			offset, followed := next[p]
			if !followed {
				continue
			}
			if entries := j.entries(logKey{event, p}, offset, j.End(event, p)); len(entries) > 0 {
				next[p] += int64(len(entries))
				reader.Read(event, p, entries)
			}
		}
		if err := j.readable(ctx, event); err != nil {
			return err
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
