package memory

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var (
	_ port.Work = (*Bookings)(nil)
	_ port.Work = (*Ticketing)(nil)
)

// Idle reports whether all bookings of an event are final, and all its messages are
// published.
func (s *Bookings) Idle(_ context.Context, event domain.EventID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bookings {
		if b.EventID == event && !b.Status.Final() {
			return false, nil
		}
	}
	for i, m := range s.outgoing {
		if m.Event() == event && !s.published[i] {
			return false, nil
		}
	}
	return true, nil
}

// Idle reports whether an event was put on sale, and all its messages are published.
func (s *Ticketing) Idle(_ context.Context, event domain.EventID) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.outbox {
		if e.Body.Event() == event {
			return false, nil
		}
	}
	return event < 1 || int(event) > len(s.events) || s.events[event-1].event.Status != ticketing.Creating, nil
}
