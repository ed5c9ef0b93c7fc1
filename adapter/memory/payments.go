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

// Payments are the attempts to pay of Bookings.
type Payments struct{ *Bookings }

var (
	_ port.Payments    = Payments{}
	_ port.DuePayments = Payments{}
)

// Start stores an attempt if its booking takes payment now.
func (s Payments) Start(_ context.Context, p booking.Payment) (booking.Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bookings[p.BookingID]
	if !ok {
		return p, errNoBooking
	}
	if err := b.RefusePayment(s.now()); err != nil {
		return p, err
	}
	p.Amount, _ = b.Total()
	p.Status, p.StartedAt = booking.Started, s.now()
	s.payments[p.ID] = p
	return p, nil
}

// Answer notes what the gateway said.
func (s Payments) Answer(_ context.Context, id booking.PaymentID, to booking.PaymentStatus) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.move(id, to), nil
}

func (s Payments) move(id booking.PaymentID, to booking.PaymentStatus) bool {
	p := s.payments[id]
	if !p.Status.CanBecome(to) {
		return false
	}
	p.Status = to
	s.payments[id] = p
	return true
}

// Settle decides who wins.
func (s Payments) Settle(_ context.Context, id booking.PaymentID) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.bookings[s.payments[id].BookingID]
	next, ok := b.Pay(s.now())
	if !ok {
		s.move(id, booking.VoidDue)
		return booking.Booking{}, b.RefusePayment(s.now())
	}
	if !s.move(id, booking.CaptureDue) {
		return booking.Booking{}, domain.Refuse(domain.TimedOut, "payment_timeout", "the payment took too long")
	}
	s.bookings[b.ID] = next
	s.outgoing = append(s.outgoing, next.Sold())
	return next, nil
}

// GiveUp lets go of what led nowhere.
func (s Payments) GiveUp(_ context.Context, after time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, p := range s.payments {
		if s.now().Sub(p.StartedAt) > after {
			s.move(id, booking.VoidDue)
		}
	}
	return nil
}

// ClaimDue returns what is due, in every call: nothing is claimed.
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

// attempts are all, by id.
func (s Payments) attempts() []booking.Payment {
	return slices.SortedFunc(maps.Values(s.payments), func(a, b booking.Payment) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}

// Done notes the end of an attempt.
func (s Payments) Done(_ context.Context, id booking.PaymentID, to booking.PaymentStatus) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.move(id, to)
	return nil
}

// Payment is an attempt as it is now.
func (s Payments) Payment(id booking.PaymentID) booking.Payment {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.payments[id]
}

// Feed keeps what it heard.
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

// Heard is a copy of what was heard.
func (f *Feed) Heard() []booking.Booking {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.bookings)
}
