package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Payments are the attempts to pay for Bookings.
type Payments struct{ *Bookings }

var (
	_ port.Payments    = Payments{}
	_ port.DuePayments = Payments{}
)

// Start stores the attempt that decide makes for a booking.
func (s Payments) Start(_ context.Context, id domain.BookingID, decide func(booking.Booking, time.Time) (booking.Payment, error)) (booking.Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bookings[id]
	if !ok {
		return booking.Payment{}, booking.ErrUnknown
	}
	p, err := decide(b, s.now())
	if err != nil {
		return booking.Payment{}, err
	}
	s.payments[p.ID] = p
	return p, nil
}

// Conclude stores what decide makes of an attempt and its booking.
func (s Payments) Conclude(_ context.Context, id booking.PaymentID, decide func(booking.Payment, booking.Booking, time.Time) booking.Conclusion) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.payments[id]
	c := decide(p, s.bookings[p.BookingID], s.now())
	p.Status = c.Payment
	s.payments[id] = p
	if c.Paid != nil {
		s.store(*c.Paid)
	}
	return nil
}

// Move changes the status of an attempt if it is the expected one.
func (s Payments) Move(_ context.Context, id booking.PaymentID, from, to booking.PaymentStatus) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.payments[id]
	if p.Status != from {
		return false, nil
	}
	p.Status = to
	s.payments[id] = p
	return true, nil
}

// GiveUp stores what decide makes of attempts that led to nothing.
func (s Payments) GiveUp(_ context.Context, after time.Duration, decide func(booking.Payment, time.Time) (booking.Payment, bool)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, p := range s.payments {
		if s.now().Sub(p.StartedAt) < after || p.Status != booking.Started && p.Status != booking.Authorised {
			continue
		}
		if next, ok := decide(p, s.now()); ok {
			s.payments[id] = next
		}
	}
	return nil
}

// ClaimDue returns what is due. It returns it again until it is moved on.
func (s Payments) ClaimDue(_ context.Context, limit int) ([]booking.Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []booking.Payment
	for _, p := range s.attempts() {
		if (p.Status == booking.CaptureDue || p.Status == booking.VoidDue) && len(due) < limit {
			due = append(due, p)
		}
	}
	return due, nil
}

// attempts returns all attempts by id.
func (s Payments) attempts() []booking.Payment {
	return slices.SortedFunc(maps.Values(s.payments), func(a, b booking.Payment) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}

// Payment returns an attempt as it is now.
func (s Payments) Payment(id booking.PaymentID) booking.Payment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.payments[id]
}

// Feed keeps the bookings it was given.
type Feed struct {
	mu       sync.Mutex
	bookings []booking.Booking
}

var _ port.BookingFeed = (*Feed)(nil)

// Changed keeps bookings.
func (f *Feed) Changed(bookings []booking.Booking) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bookings = append(f.bookings, bookings...)
}

// Heard returns a copy of the bookings.
func (f *Feed) Heard() []booking.Booking {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.bookings)
}
