package memory

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// The ports that an audit reads.
var (
	_ port.BookingRecords = (*Bookings)(nil)
	_ port.InputRecords   = (*Bookings)(nil)
	_ port.TicketRecords  = (*Ticketing)(nil)
	_ port.InputRecords   = (*Ticketing)(nil)
	_ port.StoredSeats    = (*SeatStore)(nil)
)

// AllBookings returns all bookings in the order of their ids.
func (s *Bookings) AllBookings(context.Context) ([]booking.Booking, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sorted(), nil
}

// AllPayments returns all attempts in the order of their ids.
func (s *Bookings) AllPayments(context.Context) ([]booking.Payment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Payments{s}.attempts(), nil
}

// KeysUsedTwice returns 0: the keys are those of a map.
func (s *Bookings) KeysUsedTwice(context.Context) (int, error) { return 0, nil }

// NextOffsets returns those of all inputs.
func (s *Bookings) NextOffsets(context.Context) (map[port.InputPlace]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nextOffsets(s.offsets), nil
}

// Unsent returns the bookings of the messages that wait.
func (s *Bookings) Unsent(context.Context) ([]domain.BookingID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []domain.BookingID
	for _, m := range s.outgoing[s.published:] {
		ids = append(ids, message.BookingOf(m))
	}
	return ids, nil
}

// EventIDs returns the events that are not `creating`.
func (s *Ticketing) EventIDs(context.Context) ([]domain.EventID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []domain.EventID
	for _, r := range s.events {
		if r.event.Status != ticketing.Creating {
			ids = append(ids, r.event.ID)
		}
	}
	return ids, nil
}

// AllTickets returns the tickets in layout order, and the sums of the deltas in
// the order of the sections.
func (s *Ticketing) AllTickets(ctx context.Context, id domain.EventID) ([]ticketing.Ticket, []ticketing.Counts, error) {
	e, err := s.Event(ctx, id)
	if err != nil {
		return nil, nil, err
	}
	r, _ := s.find(id)
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(r.tickets), e.Counts, nil
}

// Revenue adds the deltas up, the minutes in no order.
func (s *Ticketing) Revenue(_ context.Context, id domain.EventID) ([]int64, []ticketing.Interval, error) {
	r, ok := s.find(id)
	if !ok {
		return nil, nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	sections, sums := make([]int64, len(r.event.Sections)), map[time.Time]ticketing.Interval{}
	for _, d := range r.deltas {
		if _, i, ok := r.event.Section(d.Section); ok {
			sections[i] += d.Revenue
		}
		if d.Counts.Sold != 0 || d.Revenue != 0 {
			at := d.At.UTC().Truncate(time.Minute)
			sums[at] = ticketing.Interval{At: at, Sold: sums[at].Sold + d.Counts.Sold, Revenue: sums[at].Revenue + d.Revenue}
		}
	}
	return sections, slices.Collect(maps.Values(sums)), nil
}

// Outcomes calls fn with every outcome of an event, in the order of the ids of
// their bookings.
func (s *SeatStore) Outcomes(event domain.EventID, fn func(domain.Partition, port.Outcome)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var keys []outcomeKey
	for k := range s.outcomes {
		if k.event == event {
			keys = append(keys, k)
		}
	}
	slices.SortFunc(keys, func(a, b outcomeKey) int { return bytes.Compare(a.booking[:], b.booking[:]) })
	for _, k := range keys {
		fn(s.outcomes[k].partition, s.outcomes[k].outcome)
	}
	return nil
}

// NextOffsets returns those of all inputs.
func (s *Ticketing) NextOffsets(context.Context) (map[port.InputPlace]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nextOffsets(s.offsets), nil
}

// Unsent returns the bookings of the messages that wait.
func (s *Ticketing) Unsent(context.Context) ([]domain.BookingID, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids []domain.BookingID
	for _, e := range s.outbox {
		ids = append(ids, message.BookingOf(e.Body))
	}
	return ids, nil
}

func nextOffsets(of map[port.Input]int64) map[port.InputPlace]int64 {
	next := map[port.InputPlace]int64{}
	for input, offset := range of {
		next[port.InputPlace{TopicID: input.TopicID, Partition: input.Partition}] = offset
	}
	return next
}
