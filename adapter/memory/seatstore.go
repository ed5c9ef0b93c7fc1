package memory

import (
	"maps"
	"slices"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// SeatStore keeps folded seats. A store outlives the server that uses it, as a disk
// does.
type SeatStore struct {
	// Fault is asked before each write. An error refuses it. nil: none is refused.
	Fault func(port.SeatBatch) error

	mu         sync.Mutex
	partitions map[logKey]*storedPartition
	outcomes   map[outcomeKey]storedOutcome
}

type outcomeKey struct {
	event   domain.EventID
	booking domain.BookingID
}

type storedOutcome struct {
	partition domain.Partition
	outcome   port.Outcome
}

type seatKey struct {
	section string
	index   int32
}

type storedPartition struct {
	fold     port.SeatFold
	sections []port.StoredSection
	seats    map[seatKey]port.StoredSeat
}

// NewSeatStore returns an empty store.
func NewSeatStore() *SeatStore {
	return &SeatStore{partitions: map[logKey]*storedPartition{}, outcomes: map[outcomeKey]storedOutcome{}}
}

var _ port.SeatStore = (*SeatStore)(nil)

// Clone returns a copy of the store, as a backup of a disk is one.
func (s *SeatStore) Clone() *SeatStore {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := NewSeatStore()
	for key, p := range s.partitions {
		stored := storedPartition{fold: p.fold, sections: slices.Clone(p.sections), seats: maps.Clone(p.seats)}
		stored.fold.Positions = maps.Clone(p.fold.Positions)
		c.partitions[key] = &stored
	}
	c.outcomes = maps.Clone(s.outcomes)
	return c
}

// Load returns a copy of what was written.
func (s *SeatStore) Load(event domain.EventID, p domain.Partition) (port.SeatSnapshot, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored, ok := s.partitions[logKey{event, p}]
	if !ok {
		return port.SeatSnapshot{}, false, nil
	}
	snapshot := port.SeatSnapshot{SeatFold: stored.fold, Sections: slices.Clone(stored.sections)}
	snapshot.Positions = maps.Clone(stored.fold.Positions)
	for _, seat := range stored.seats {
		snapshot.Seats = append(snapshot.Seats, seat)
	}
	return snapshot, true, nil
}

// Write stores the whole batch or, at a fault, nothing.
func (s *SeatStore) Write(b port.SeatBatch) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Fault != nil {
		if err := s.Fault(b); err != nil {
			return err
		}
	}
	key := logKey{b.Event, b.Partition}
	stored, ok := s.partitions[key]
	if !ok {
		stored = &storedPartition{seats: map[seatKey]port.StoredSeat{}}
		s.partitions[key] = stored
	}
	stored.fold = b.SeatFold
	stored.fold.Positions = maps.Clone(b.Positions)
	stored.sections = append(stored.sections, b.Sections...)
	for _, seat := range b.Seats {
		stored.seats[seatKey{seat.Section, int32(seat.Index)}] = seat
	}
	for _, o := range b.Outcomes {
		o.Seats = slices.Clone(o.Seats)
		s.outcomes[outcomeKey{b.Event, o.BookingID}] = storedOutcome{b.Partition, o}
	}
	return nil
}

// Outcome returns what was decided about a booking.
func (s *SeatStore) Outcome(event domain.EventID, booking domain.BookingID) (port.Outcome, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.outcomes[outcomeKey{event, booking}]
	return o.outcome, ok, nil
}

// Wipe deletes a partition.
func (s *SeatStore) Wipe(event domain.EventID, p domain.Partition) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.partitions, logKey{event, p})
	maps.DeleteFunc(s.outcomes, func(k outcomeKey, o storedOutcome) bool { return k.event == event && o.partition == p })
	return nil
}

// Forget deletes all partitions.
func (s *SeatStore) Forget(event domain.EventID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.outcomes, func(k outcomeKey, _ storedOutcome) bool { return k.event == event })
	for p := range domain.Partition(domain.Partitions) {
		delete(s.partitions, logKey{event, p})
	}
	return nil
}
