package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Bookings keeps bookings, the offsets of their inputs and what goes out.
type Bookings struct {
	// Now is the store's clock; nil: time.Now.
	Now func() time.Time
	// Fault is asked before each Accept and Apply; an error refuses it.
	Fault func() error

	mu        sync.Mutex
	bookings  map[domain.BookingID]booking.Booking
	keys      map[buyersKey]accepted
	payments  map[booking.PaymentID]booking.Payment
	resends   map[domain.BookingID]resend
	offsets   map[port.Input]int64
	outgoing  []message.Message
	claimed   map[int]bool // indices in outgoing of what is being published
	published map[int]bool // indices in outgoing
}

var (
	_ port.Bookings      = (*Bookings)(nil)
	_ port.BookingInputs = (*Bookings)(nil)
)

// NewBookings is empty.
func NewBookings() *Bookings {
	return &Bookings{bookings: map[domain.BookingID]booking.Booking{}, keys: map[buyersKey]accepted{},
		payments: map[booking.PaymentID]booking.Payment{}, resends: map[domain.BookingID]resend{}, offsets: map[port.Input]int64{},
		claimed: map[int]bool{}, published: map[int]bool{}}
}

func (s *Bookings) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

func (s *Bookings) fault() error {
	if s.Fault == nil {
		return nil
	}
	return s.Fault()
}

// Accept stores a booking.
func (s *Bookings) Accept(_ context.Context, b booking.Booking, key port.IdempotencyKey) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first, err := s.accepted(b.BuyerID, key); err != errNoBooking {
		return first, err
	}
	if err := s.fault(); err != nil {
		return booking.Booking{}, err
	}
	s.bookings[b.ID] = b
	s.resends[b.ID] = resend{s.now().Add(resendAfter), 2 * resendAfter}
	if key.Key != "" {
		s.keys[buyersKey{b.BuyerID, key.Key}] = accepted{b.ID, key.Body}
	}
	return b, nil
}

// Accepted finds what was accepted under a key.
func (s *Bookings) Accepted(_ context.Context, buyer domain.UserID, key port.IdempotencyKey) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted(buyer, key)
}

func (s *Bookings) accepted(buyer domain.UserID, key port.IdempotencyKey) (booking.Booking, error) {
	first, ok := s.keys[buyersKey{buyer, key.Key}]
	switch {
	case key.Key == "" || !ok:
		return booking.Booking{}, errNoBooking
	case first.body != key.Body:
		return booking.Booking{}, domain.Refuse(domain.Unprocessable, "idempotency_key_reused", "the key was used for another body")
	}
	return s.bookings[first.id].AsAccepted(), nil
}

var errNoBooking = domain.Refuse(domain.NotFound, "booking_not_found", "there is no such booking")

type buyersKey struct {
	buyer domain.UserID
	key   string
}

type accepted struct {
	id   domain.BookingID
	body [32]byte
}

// Booking finds one.
func (s *Bookings) Booking(_ context.Context, id domain.BookingID) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bookings[id]
	if !ok {
		return b, errNoBooking
	}
	return b, nil
}

// History is a page of a buyer's bookings, newest first.
func (s *Bookings) History(_ context.Context, f port.HistoryFilter) ([]booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var page []booking.Booking
	for _, b := range s.bookings {
		if b.BuyerID == f.Buyer && (f.Event == 0 || b.EventID == f.Event) && (f.Status == "" || b.Status == f.Status) &&
			(f.Before.IsZero() || bytes.Compare(b.ID[:], f.Before[:]) < 0) {
			page = append(page, b)
		}
	}
	slices.SortFunc(page, func(a, b booking.Booking) int { return bytes.Compare(b.ID[:], a.ID[:]) })
	return page[:min(len(page), f.Limit)], nil
}

// Positions returns the next offsets.
func (s *Bookings) Positions(_ context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	positions := map[port.Input]int64{}
	for _, in := range inputs {
		positions[in] = s.offsets[in]
	}
	return positions, nil
}

// Apply makes one step.
func (s *Bookings) Apply(_ context.Context, progress []port.Progress, ids []domain.BookingID,
	decide func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(); err != nil {
		return err
	}
	for _, p := range progress {
		if s.offsets[p.Input] != p.From {
			return port.ErrFenced
		}
	}
	found := map[domain.BookingID]booking.Booking{}
	for _, id := range ids {
		if b, ok := s.bookings[id]; ok {
			found[id] = b
		}
	}
	changes := decide(s.now(), found)
	for _, p := range progress {
		s.offsets[p.Input] = p.To
	}
	for _, b := range changes.Bookings {
		s.bookings[b.ID] = b
	}
	for _, m := range changes.Outgoing {
		s.outgoing = append(s.outgoing, m)
	}
	return nil
}

// Outgoing is a copy of the messages that follow.
func (s *Bookings) Outgoing() []message.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.outgoing)
}

var _ port.Cancellations = (*Bookings)(nil)

// Cancel ends a booking for its buyer.
func (s *Bookings) Cancel(_ context.Context, id domain.BookingID) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bookings[id]
	if !ok {
		return b, errNoBooking
	}
	if err := b.RefuseCancellation(); err != nil {
		return booking.Booking{}, err
	}
	return s.cancel(b, booking.ByBuyer), nil
}

func (s *Bookings) cancel(b booking.Booking, reason booking.CancellationReason) booking.Booking {
	b, _ = b.Cancel(reason)
	s.bookings[b.ID] = b
	if m, ok := b.Release(); ok {
		s.outgoing = append(s.outgoing, m)
	}
	return b
}

// ExpireDue ends what is due.
func (s *Bookings) ExpireDue(_ context.Context, limit int) ([]booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(); err != nil {
		return nil, err
	}
	var ended []booking.Booking
	for _, b := range s.sorted() {
		if b.Status == booking.PendingPayment && !s.now().Before(b.ExpiresAt) && len(ended) < limit {
			ended = append(ended, s.cancel(b, booking.Expired))
		}
	}
	return ended, nil
}

var _ port.Outbox = (*Bookings)(nil)

// Claim publishes what waits and is not claimed by another call.
func (s *Bookings) Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (int, error) {
	at, envelopes := s.claim(limit)
	if len(at) == 0 {
		return 0, nil
	}
	err := publish(ctx, envelopes)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, i := range at {
		delete(s.claimed, i)
		s.published[i] = err == nil
	}
	if err != nil {
		return 0, err
	}
	return len(at), nil
}

func (s *Bookings) claim(limit int) (at []int, envelopes []message.Envelope) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, m := range s.outgoing {
		if s.published[i] || s.claimed[i] || len(at) == limit {
			continue
		}
		s.claimed[i] = true
		at = append(at, i)
		envelopes = append(envelopes, message.Envelope{ID: m.Action().Flow().Message + "-" + strconv.Itoa(i), Time: s.now(), Body: m})
	}
	return at, envelopes
}

var _ port.UnansweredBookings = (*Bookings)(nil)

// A request is sent again after resendAfter, then after twice as long each time,
// up to resendMost.
const (
	resendAfter = 10 * time.Second
	resendMost  = 5 * time.Minute
)

// ClaimUnanswered takes what is due and sets its next time.
func (s *Bookings) ClaimUnanswered(_ context.Context, limit int) ([]booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []booking.Booking
	for _, b := range s.sorted() {
		if b.Status != booking.Processing || len(due) == limit {
			continue
		}
		at := s.resends[b.ID]
		if s.now().Before(at.due) {
			continue
		}
		s.resends[b.ID] = resend{s.now().Add(at.pause), min(2*at.pause, resendMost)}
		due = append(due, b)
	}
	return due, nil
}

// AllDue makes all that is PROCESSING due.
func (s *Bookings) AllDue(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, b := range s.bookings {
		if b.Status == booking.Processing {
			s.resends[id] = resend{s.now(), s.resends[id].pause}
		}
	}
	return nil
}

// sorted are all bookings by id: a run is repeated by its seed.
func (s *Bookings) sorted() []booking.Booking {
	return slices.SortedFunc(maps.Values(s.bookings), func(a, b booking.Booking) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}

type resend struct {
	due   time.Time
	pause time.Duration // until the next
}
