// Package feedhub carries what changed on this server, or was heard of another,
// to the streams that are open here.
package feedhub

import (
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Bookings is the hub of bookings.
type Bookings struct {
	mu   sync.RWMutex
	subs map[domain.UserID]map[*subscription]struct{}
}

var _ port.BookingFeed = (*Bookings)(nil)

// NewBookings has no subscriber.
func NewBookings() *Bookings {
	return &Bookings{subs: map[domain.UserID]map[*subscription]struct{}{}}
}

// Changed hands bookings to the streams of their buyers.
func (h *Bookings) Changed(bookings []booking.Booking) {
	h.mu.RLock()
	defer h.mu.RUnlock()
	for _, b := range bookings {
		for s := range h.subs[b.BuyerID] {
			s.put(b)
		}
	}
}

// Subscribe hears of a buyer's bookings.
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

// subscription keeps the latest state of each booking: a slow reader holds
// nobody up, and what it holds is bounded by its buyer's bookings.
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
