// Package feedhub passes changes, made by this server or received from others, to
// the open streams of this server.
package feedhub

import (
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Bookings passes changed bookings to the streams of their buyers.
type Bookings struct {
	mu   sync.RWMutex
	subs map[domain.UserID]map[*subscription]struct{}
}

var _ port.BookingFeed = (*Bookings)(nil)

// NewBookings returns a hub without subscribers.
func NewBookings() *Bookings {
	return &Bookings{subs: map[domain.UserID]map[*subscription]struct{}{}}
}

// Changed passes bookings to the streams of their buyers. It wakes a stream after
// it has passed on all of them, so that they are taken together.
func (h *Bookings) Changed(bookings []booking.Booking) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, b := range bookings {
		for s := range h.subs[b.BuyerID] {
			s.put(b)
		}
	}
	for _, b := range bookings {
		for s := range h.subs[b.BuyerID] {
			s.wake()
		}
	}
}

// Subscribe returns a subscription to a buyer's bookings.
func (h *Bookings) Subscribe(buyer domain.UserID) port.BookingSubscription {
	s := &subscription{hub: h, buyer: buyer, changed: map[domain.BookingID]booking.Booking{}, ready: make(chan struct{}, 1)}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.subs[buyer] == nil {
		h.subs[buyer] = map[*subscription]struct{}{}
	}
	h.subs[buyer][s] = struct{}{}
	return s
}

// subscription keeps the latest state of each changed booking. A slow reader
// delays nobody, and the memory is bounded by the number of the buyer's bookings.
type subscription struct {
	hub   *Bookings
	buyer domain.UserID
	ready chan struct{}

	mu      sync.Mutex
	changed map[domain.BookingID]booking.Booking
}

func (s *subscription) put(b booking.Booking) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if known, ok := s.changed[b.ID]; ok && known.Revision >= b.Revision {
		return
	}
	s.changed[b.ID] = b
}

func (s *subscription) wake() {
	select {
	case s.ready <- struct{}{}:
	default:
	}
}

func (s *subscription) Ready() <-chan struct{} { return s.ready }

func (s *subscription) Take() []booking.Booking {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]booking.Booking, 0, len(s.changed))
	for _, b := range s.changed {
		out = append(out, b)
	}
	clear(s.changed)
	return out
}

func (s *subscription) Close() {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	delete(s.hub.subs[s.buyer], s)
	if len(s.hub.subs[s.buyer]) == 0 {
		delete(s.hub.subs, s.buyer)
	}
}
