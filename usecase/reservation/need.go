package reservation

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// need is why an event is served: it is awake, or somebody looks at its seats.
type need struct {
	archived bool // nobody can need it any more
	awake    bool
	watchers int           // readers of the live map
	asked    int           // seconds until a reader who asked once is forgotten; see tickNeed
	known    chan struct{} // closed when the event was read, or cannot be; nil: nobody waits
}

// askedTicks is how many seconds an event that sleeps is served after a question.
const askedTicks = 10

func (n *need) any() bool { return !n.archived && (n.awake || n.watchers > 0 || n.asked > 0) }

// decided lets those go on who wait for the seats.
func (n *need) decided() {
	if n.known != nil {
		close(n.known)
		n.known = nil
	}
}

// attend serves an event that is awake. One that falls asleep is served until its
// membership has ended: see tickNeed.
func (s *Server) attend(c ticketing.CatalogueEvent, awake bool) {
	_ = s.mail.do(s.ctx, func() {
		if c.Archived {
			s.archived(c.ID)
			return
		}
		if _, known := s.events[c.ID]; !known && !awake {
			return
		}
		e := s.event(c.ID)
		e.need.awake = awake && c.HasTopics()
		s.begin(c, e)
	})
}

// archived drops an event for good, from memory and from the store. It sleeps, so this
// server owns none of its seats. What reads its journal ends first: it would store what
// it has read.
func (s *Server) archived(id domain.EventID) {
	e, known := s.events[id]
	if known {
		e.need.archived, e.need.awake = true, false
		if e.end != nil {
			e.end()
			return // see ended
		}
		e.need.decided()
		s.forget(e)
	}
	if err := s.deps.Seats.Forget(id); err != nil {
		s.fail(fmt.Errorf("forget event %d, which is archived: %w", id, err))
	}
}

// begin serves an event that is needed, and has a journal.
func (s *Server) begin(c ticketing.CatalogueEvent, e *event) {
	if !c.HasTopics() || e.end != nil || !e.need.any() || s.ctx.Err() != nil {
		return
	}
	ctx, end := context.WithCancel(s.ctx)
	e.end = end
	s.background(func() {
		s.serve(ctx, c, e)
		end()
		s.post(func() { s.ended(c, e) })
	})
}

// ended drops what was loaded of an event.
func (s *Server) ended(c ticketing.CatalogueEvent, e *event) {
	e.revoke()
	e.end, e.partitions, e.ends, e.read, e.problem = nil, nil, nil, false, nil
	if e.need.archived {
		s.archived(c.ID)
		return
	}
	s.begin(c, e) // it may be needed again
}

// tickNeed ends the service of an event that nobody needs any more. Who has asked is
// not forgotten while the event is still being read: however slow that is, one of the
// next questions is answered.
func (s *Server) tickNeed(e *event) {
	if reading := e.end != nil && !e.read && e.problem == nil; !reading {
		e.need.asked = max(e.need.asked-1, 0)
	}
	if e.need.any() || e.owned() > 0 || len(e.waits) > 0 || len(e.letters) > 0 {
		return
	}
	if e.end != nil {
		e.end()
		return
	}
	e.need.decided()
	s.forget(e)
}

// readLimit is how long a question about the seats of a sleeping event waits until
// they are read.
const readLimit = 2 * time.Second

// look has an event that sleeps read for somebody who asks about its seats. It does
// not wake it. An event that is awake is read, or will be. Of one without a journal
// there is nothing to read.
func (s *Server) look(ctx context.Context, id domain.EventID) error {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	known, err := ask(ctx, s, func() (<-chan struct{}, error) {
		c, is := s.deps.Catalogue.Known(id)
		switch {
		case !is:
			return nil, errUnread
		case c.Archived:
			return nil, ticketing.NoLiveSeats
		}
		e := s.event(id)
		e.need.asked = askedTicks
		if !c.HasTopics() || e.need.awake || e.read || e.problem != nil {
			return nil, nil
		}
		s.begin(c, e)
		if e.need.known == nil {
			e.need.known = make(chan struct{})
		}
		return e.need.known, nil
	})
	if err != nil || known == nil {
		return err
	}
	select {
	case <-known:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Watch keeps an event served, also while it sleeps, until release is called.
func (s *Server) Watch(id domain.EventID) (release func()) {
	s.post(func() {
		c, is := s.deps.Catalogue.Known(id)
		if c.Archived {
			return
		}
		e := s.event(id)
		e.need.watchers++
		if is {
			s.begin(c, e)
		}
	})
	return func() {
		s.post(func() {
			if e, known := s.events[id]; known { // unless it was archived meanwhile
				e.need.watchers--
			}
		})
	}
}
