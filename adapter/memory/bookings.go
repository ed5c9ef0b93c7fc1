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

// Bookings keeps bookings, the offsets of their inputs and outgoing messages.
type Bookings struct {
	// Now is the store's clock. nil: time.Now.
	Now func() time.Time
	// Fault is called before each Accept, Apply and ExpireDue. If it returns an
	// error, nothing is stored and the call returns the error.
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
	sealed    map[domain.EventID]bool
}

var (
	_ port.Bookings      = (*Bookings)(nil)
	_ port.BookingInputs = (*Bookings)(nil)
)

// NewBookings returns an empty store.
func NewBookings() *Bookings {
	return &Bookings{bookings: map[domain.BookingID]booking.Booking{}, keys: map[buyersKey]accepted{},
		payments: map[booking.PaymentID]booking.Payment{}, resends: map[domain.BookingID]resend{}, offsets: map[port.Input]int64{},
		claimed: map[int]bool{}, published: map[int]bool{}, sealed: map[domain.EventID]bool{}}
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
	if first, err := s.accepted(b.BuyerID, key); err != booking.ErrUnknown {
		return first, err
	}
	if err := s.fault(); err != nil {
		return booking.Booking{}, err
	}
	if s.sealed[b.EventID] {
		return booking.Booking{}, booking.ErrEventClosed
	}
	s.bookings[b.ID] = b
	s.resends[b.ID] = resend{s.now().Add(resendAfter), 2 * resendAfter}
	if key.Key != "" {
		s.keys[buyersKey{b.BuyerID, key.Key}] = accepted{b.ID, key.Body}
	}
	return b, nil
}

// Accepted returns what was accepted under a key.
func (s *Bookings) Accepted(_ context.Context, buyer domain.UserID, key port.IdempotencyKey) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.accepted(buyer, key)
}

func (s *Bookings) accepted(buyer domain.UserID, key port.IdempotencyKey) (booking.Booking, error) {
	first, ok := s.keys[buyersKey{buyer, key.Key}]
	switch {
	case key.Key == "" || !ok:
		return booking.Booking{}, booking.ErrUnknown
	case first.body != key.Body:
		return booking.Booking{}, booking.ErrKeyReused
	}
	return s.bookings[first.id].AsAccepted(), nil
}

type buyersKey struct {
	buyer domain.UserID
	key   string
}

type accepted struct {
	id   domain.BookingID
	body [32]byte
}

// Booking returns one booking.
func (s *Bookings) Booking(_ context.Context, id domain.BookingID) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bookings[id]
	if !ok {
		return b, booking.ErrUnknown
	}
	return b, nil
}

// History returns a page of a buyer's bookings, newest first.
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

// Revisions returns the revisions of a buyer's newest bookings.
func (s *Bookings) Revisions(ctx context.Context, f port.HistoryFilter) (map[domain.BookingID]int64, error) {
	page, err := s.History(ctx, f)
	revisions := map[domain.BookingID]int64{}
	for _, b := range page {
		revisions[b.ID] = b.Revision
	}
	return revisions, err
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

// Apply stores what decide makes of the bookings, with the offsets.
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

// Outgoing returns a copy of all outgoing messages, published or not.
func (s *Bookings) Outgoing() []message.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.outgoing)
}

var _ port.Cancellations = (*Bookings)(nil)

// Cancel stores what decide makes of a booking.
func (s *Bookings) Cancel(_ context.Context, id domain.BookingID, decide func(booking.Booking) (booking.Change, error)) (booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b, ok := s.bookings[id]
	if !ok {
		return b, booking.ErrUnknown
	}
	c, err := decide(b)
	if err != nil {
		return booking.Booking{}, err
	}
	s.store(c)
	return c.Booking, nil
}

func (s *Bookings) store(c booking.Change) {
	s.bookings[c.Booking.ID] = c.Booking
	if c.Message != nil {
		s.outgoing = append(s.outgoing, c.Message)
	}
}

// ExpireDue stores what decide makes of each booking that is due.
func (s *Bookings) ExpireDue(_ context.Context, limit int, decide func(booking.Booking, time.Time) (booking.Change, bool)) ([]booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.fault(); err != nil {
		return nil, err
	}
	var ended []booking.Booking
	for _, b := range s.sorted() {
		if b.Status != booking.PendingPayment || len(ended) == limit {
			continue
		}
		if c, ok := decide(b, s.now()); ok {
			s.store(c)
			ended = append(ended, c.Booking)
		}
	}
	return ended, nil
}

var _ port.Outbox = (*Bookings)(nil)

// Claim publishes messages of the outbox that no other call is publishing.
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

// resendAfter is the pause before a request is sent again. It doubles each time, up
// to resendMost.
const (
	resendAfter = 10 * time.Second
	resendMost  = 5 * time.Minute
)

// ClaimUnanswered takes what is due and sets when it is due again.
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

// AllDue makes every booking that is PROCESSING due.
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

// sorted returns all bookings by id, so that a seed repeats a run.
func (s *Bookings) sorted() []booking.Booking {
	return slices.SortedFunc(maps.Values(s.bookings), func(a, b booking.Booking) int { return bytes.Compare(a.ID[:], b.ID[:]) })
}

type resend struct {
	due   time.Time
	pause time.Duration // the next one
}
