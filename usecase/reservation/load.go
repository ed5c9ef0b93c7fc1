package reservation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// follow takes an event up that the catalogue names for the first time.
func (s *Server) follow(c ticketing.CatalogueEvent) {
	known := false
	err := s.mail.do(s.ctx, func() { known = s.events[c.ID] != nil || s.unserved[c.ID] || s.failure != nil })
	if err != nil || known {
		return
	}
	// Beside the loop: the brokers may take their time.
	err = s.deps.Journal.Recognise(s.ctx, c.ID, c.JournalTopicID)
	_ = s.mail.do(s.ctx, func() {
		switch {
		case s.ctx.Err() != nil, s.failure != nil:
		case errors.Is(err, port.ErrOtherJournal):
			// Seats that were sold would be sold again. Other events know nothing of it.
			s.deps.Log.Error("event is not served: its seats are not initialised", "event_id", int64(c.ID), "error", err)
			s.unserved[c.ID] = true
			close(s.loaded(c.ID))
		case err != nil:
			s.fail(fmt.Errorf("journal of event %d: %w", c.ID, err))
		default:
			s.takeUp(c)
		}
	})
}

func (s *Server) takeUp(c ticketing.CatalogueEvent) {
	e := &event{}
	s.events[c.ID] = e
	from := map[domain.Partition]int64{}
	for p := range e.lanes {
		l, err := s.load(c, domain.Partition(p))
		if err != nil {
			s.fail(err)
			return
		}
		e.lanes[p] = l
		from[l.number] = l.fold.Next
	}
	s.background(func() {
		err := s.deps.Journal.Follow(s.ctx, c.ID, c.JournalTopicID, from, s)
		if err != nil && s.ctx.Err() == nil {
			s.mail.post(func() { s.fail(fmt.Errorf("follow the journal of event %d: %w", c.ID, err)) })
		}
	})
	close(s.loaded(c.ID))
}

// loaded is closed once the event is known, or known not to be served; only
// touched on the loop.
func (s *Server) loaded(id domain.EventID) chan struct{} {
	if s.known[id] == nil {
		s.known[id] = make(chan struct{})
	}
	return s.known[id]
}

// load restores a lane from the store, if what is stored is a fold of this very
// journal, and begins anew otherwise.
func (s *Server) load(c ticketing.CatalogueEvent, p domain.Partition) (*lane, error) {
	l := &lane{server: s, event: c.ID, number: p, topicID: c.JournalTopicID, folded: journal.NewState()}
	stored, found, err := s.deps.Seats.Load(c.ID, p)
	if err != nil {
		return nil, fmt.Errorf("load event %d partition %d: %w", c.ID, p, err)
	}
	if !found {
		return l, nil
	}
	if stored.JournalTopicID != c.JournalTopicID {
		s.deps.Log.Warn("stored seats are of another journal, folded anew", "event_id", int64(c.ID), "partition", int(p))
		return l, s.deps.Seats.Wipe(c.ID, p)
	}
	if err := s.recognise(c.ID, p, stored); err != nil {
		return nil, err
	}
	l.fold, l.last = stored.Fold, stored.LastRecord
	l.folded.Positions, l.folded.Emitted = stored.Positions, stored.Emitted
	for _, section := range stored.Sections {
		if _, err := l.folded.AddSection(section.Layout, section.HoldBase); err != nil {
			return nil, fmt.Errorf("stored layout of event %d: %w", c.ID, err)
		}
	}
	for _, seat := range stored.Seats {
		if section, ok := l.folded.Section(seat.Section); ok {
			section.Map.Restore(seat.Index, seat.Seat)
		}
	}
	return l, nil
}

// recognise reads the last folded record again. If the journal ends before it
// or has another there, the broker lost what it had acknowledged: nothing may
// go on by itself.
func (s *Server) recognise(id domain.EventID, p domain.Partition, stored port.SeatSnapshot) error {
	if stored.Fold.Next == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
	defer cancel()
	last := stored.Fold.Next - 1
	var read port.RecordIdentity
	err := s.deps.Journal.Range(ctx, id, p, last, last+1, func(e journal.Entry) { read = port.IdentityOf(e.Record) })
	if err != nil {
		return fmt.Errorf("seats of event %d partition %d are ahead of the journal, or it cannot be read: the broker may have lost acknowledged records: %w", id, p, err)
	}
	if read != stored.LastRecord {
		return fmt.Errorf("seats of event %d partition %d were folded from another record at offset %d than the journal has: the broker lost acknowledged records", id, p, last)
	}
	return nil
}
