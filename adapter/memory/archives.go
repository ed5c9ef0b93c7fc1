package memory

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

var (
	_ port.SealedBookings = (*Bookings)(nil)
	_ port.ArchivedInputs = (*Bookings)(nil)
	_ port.ArchivedInputs = (*Ticketing)(nil)
	_ port.ArchiveRecords = (*Archives)(nil)
)

// Seal seals an event.
func (s *Bookings) Seal(ctx context.Context, event domain.EventID) (bool, error) {
	idle, err := s.Idle(ctx, event)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bookings { // again: one may have been accepted meanwhile
		idle = idle && (b.EventID != event || b.Status.Final())
	}
	if idle {
		s.sealed[event] = true
	}
	return s.sealed[event], err
}

// OfEvent returns the bookings of an event.
func (s *Bookings) OfEvent(_ context.Context, event domain.EventID) (of []booking.Booking, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bookings {
		if b.EventID == event {
			of = append(of, b)
		}
	}
	slices.SortFunc(of, func(a, b booking.Booking) int { return bytes.Compare(a.ID[:], b.ID[:]) })
	return of, nil
}

// DropInputs forgets the positions of topics.
func (s *Bookings) DropInputs(_ context.Context, topicIDs []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for in := range s.offsets {
		if slices.Contains(topicIDs, in.TopicID) {
			delete(s.offsets, in)
		}
	}
	return nil
}

// DropInputs forgets the positions of topics.
func (s *Ticketing) DropInputs(_ context.Context, topicIDs []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for in := range s.offsets {
		if slices.Contains(topicIDs, in.TopicID) {
			delete(s.offsets, in)
		}
	}
	return nil
}

// Archives knows which events of a store are archived.
type Archives struct {
	Events *Ticketing

	mu      sync.Mutex
	locked  map[domain.EventID]bool
	records map[domain.EventID]port.ArchiveRecord
}

// NewArchives returns the records of the events of a store.
func NewArchives(s *Ticketing) *Archives {
	return &Archives{Events: s, locked: map[domain.EventID]bool{}, records: map[domain.EventID]port.ArchiveRecord{}}
}

// Lock locks an event until release is called.
func (a *Archives) Lock(_ context.Context, event domain.EventID) (func(), error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.locked[event] {
		return nil, port.ErrArchiving
	}
	a.locked[event] = true
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		delete(a.locked, event)
	}, nil
}

// Record returns the record of an event.
func (a *Archives) Record(_ context.Context, event domain.EventID) (port.ArchiveRecord, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.records[event], nil
}

// Archive makes an event archived.
func (a *Archives) Archive(ctx context.Context, event domain.EventID, file port.ArchiveFile, at time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if _, is := a.records[event]; is {
		return nil
	}
	if err := a.Events.archive(event); err != nil {
		return err
	}
	a.records[event] = port.ArchiveRecord{File: file, Archived: at}
	return nil
}

// Removed notes that nothing is left to remove.
func (a *Archives) Removed(_ context.Context, event domain.EventID) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r, is := a.records[event]; is {
		r.Removed = true
		a.records[event] = r
	}
	return nil
}

// Pending returns the events that are to be archived or have something left to remove.
func (a *Archives) Pending(context.Context) (ids []domain.EventID, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for id, r := range a.records {
		if !r.Removed {
			ids = append(ids, id)
		}
	}
	ids = append(ids, a.Events.archiving()...)
	slices.Sort(ids)
	return ids, nil
}
