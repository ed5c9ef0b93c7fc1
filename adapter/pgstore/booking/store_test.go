package booking_test

import (
	"context"
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func open(t *testing.T) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), teststores.Postgres(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func id(n int) domain.BookingID { return domain.BookingID{0: 1, 14: byte(n >> 8), 15: byte(n)} }

// request returns a booking as it is accepted, of buyer 1 or 2.
func request(n int) booking.Booking {
	return booking.Booking{ID: id(n), EventID: 7, BuyerID: domain.UserID(1 + n%2), Section: "A", Subsection: 2, Mode: message.Manual,
		Positions: []domain.SeatPosition{{Row: 1, Seat: 2}}, Quantity: 1, UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"},
		Status: booking.Processing, CreatedAt: time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC), Revision: 1}
}

func accept(t *testing.T, s *store.Store, n int) {
	t.Helper()
	if _, err := s.Accept(t.Context(), request(n), port.IdempotencyKey{}); err != nil {
		t.Fatal(err)
	}
}

func TestContract(t *testing.T) {
	porttest.Bookings(t, func(t *testing.T) porttest.BookingStore {
		s := open(t)
		return porttest.BookingStore{Bookings: s, BookingInputs: s, Payments: store.Payments{Store: s}, DuePayments: store.Payments{Store: s}, Cancellations: s, Outbox: s, Work: s, Sealed: s}
	})
}

func TestF23_Accept(t *testing.T) {
	s := open(t)

	t.Run("keeps every booking of many at once", func(t *testing.T) {
		var all sync.WaitGroup
		for n := range 500 {
			all.Add(1)
			go func() {
				defer all.Done()
				if _, err := s.Accept(context.Background(), request(n), port.IdempotencyKey{}); err != nil {
					t.Error(err)
				}
			}()
		}
		all.Wait()
		for n := range 500 {
			if got, err := s.Booking(t.Context(), id(n)); err != nil || !reflect.DeepEqual(got, request(n)) {
				t.Fatalf("booking %d: %v\ngot  %+v\nwant %+v", n, err, got, request(n))
			}
		}
	})
	t.Run("lets a bad one fail alone", func(t *testing.T) {
		results := make([]error, 20)
		var all sync.WaitGroup
		for n := range results {
			all.Add(1)
			go func() {
				defer all.Done()
				b := request(1000 + n)
				if n == 7 {
					b.ID, b.BuyerID = id(3), 99 // is taken
				}
				_, results[n] = s.Accept(context.Background(), b, port.IdempotencyKey{})
			}()
		}
		all.Wait()
		for n, err := range results {
			if (err != nil) != (n == 7) {
				t.Errorf("booking %d: %v", n, err)
			}
		}
	})
	t.Run("refuses what is not known", func(t *testing.T) {
		_, err := s.Booking(t.Context(), id(9999))
		if r, ok := domain.AsRefusal(err); !ok || r.Kind != domain.NotFound {
			t.Errorf("%v", err)
		}
	})
	t.Run("pages through the history, newest first", func(t *testing.T) {
		f := port.HistoryFilter{Buyer: 1, Event: 7, Status: booking.Processing, Limit: 10}
		page, err := s.History(t.Context(), f)
		if err != nil || len(page) != 10 || page[0].ID != id(1018) || page[1].ID != id(1016) {
			t.Fatalf("%v %v", page, err)
		}
		f.Before = page[9].ID
		next, err := s.History(t.Context(), f)
		if err != nil || next[0].ID != id(498) {
			t.Errorf("%v %v", next[0].ID, err)
		}
		if none, err := s.History(t.Context(), port.HistoryFilter{Buyer: 1, Status: booking.Paid, Limit: 10}); err != nil || len(none) != 0 {
			t.Errorf("%v %v", none, err)
		}
	})
}

var input = port.Input{Event: 7, Action: message.BookingToPendingPayment, Partition: 7, Cluster: "c", TopicID: "t"}

func move(from, to int64) []port.Progress {
	return []port.Progress{{Input: input, From: from, To: to}}
}

func TestF20_Apply(t *testing.T) {
	s := open(t)
	accept(t, s, 1)
	positions, err := s.Positions(t.Context(), []port.Input{input})
	if err != nil || positions[input] != 0 {
		t.Fatalf("%v %v", positions, err)
	}
	seats := []domain.SeatID{{Section: "A", Subsection: 2, Row: 1, Seat: 2}}
	hold := func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		b, _ := found[id(1)].HoldSeats(seats, 12, now.Add(time.Minute).UTC().Truncate(time.Microsecond))
		return port.BookingChanges{Bookings: []booking.Booking{b}, Outgoing: []message.BookingExpiredReleaseTickets{
			{EventID: 7, BookingID: id(2), Section: "A", Seats: seats, Hold: 13, Reason: "unknown"}}}
	}
	if err := s.Apply(t.Context(), move(0, 5), []domain.BookingID{id(1), id(2)}, hold); err != nil {
		t.Fatal(err)
	}

	b, err := s.Booking(t.Context(), id(1))
	if err != nil || b.Status != booking.PendingPayment || b.Hold != 12 || !reflect.DeepEqual(b.Seats, seats) || b.Revision != 2 || time.Until(b.ExpiresAt) <= 0 {
		t.Fatalf("%+v %v", b, err)
	}
	if positions, _ := s.Positions(t.Context(), []port.Input{input}); positions[input] != 5 {
		t.Errorf("next offset %d", positions[input])
	}

	t.Run("stores nothing for a server that was overtaken", func(t *testing.T) {
		err := s.Apply(t.Context(), move(0, 6), []domain.BookingID{id(1)}, func(_ time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
			paid, _ := found[id(1)].Cancel(booking.Expired)
			return port.BookingChanges{Bookings: []booking.Booking{paid}}
		})
		if !errors.Is(err, port.ErrFenced) {
			t.Fatalf("%v", err)
		}
		if b, _ := s.Booking(t.Context(), id(1)); b.Status != booking.PendingPayment {
			t.Errorf("the booking is %s", b.Status)
		}
	})
	t.Run("lets one of two servers with the same knowledge through", func(t *testing.T) {
		results := make(chan error, 2)
		for range 2 {
			go func() {
				results <- s.Apply(context.Background(), move(5, 6), nil, func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges {
					return port.BookingChanges{}
				})
			}()
		}
		if a, b := <-results, <-results; (a == nil) == (b == nil) {
			t.Errorf("%v and %v", a, b)
		}
	})
	t.Run("keeps an outgoing message until it is published", func(t *testing.T) {
		var ids []string
		publish := func(fail error) func(context.Context, []message.Envelope) error {
			return func(_ context.Context, envelopes []message.Envelope) error {
				for _, e := range envelopes {
					ids = append(ids, e.ID)
					if m := e.Body.(message.BookingExpiredReleaseTickets); m.Hold != 13 || m.BookingID != id(2) {
						t.Errorf("%+v", e)
					}
				}
				return fail
			}
		}
		if n, err := s.Claim(t.Context(), 500, publish(errors.New("no broker"))); n != 0 || err == nil {
			t.Fatalf("%d %v", n, err)
		}
		if n, err := s.Claim(t.Context(), 500, publish(nil)); n != 1 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
		if n, err := s.Claim(t.Context(), 500, publish(nil)); n != 0 || err != nil {
			t.Fatalf("%d %v", n, err)
		}
		if len(ids) != 2 || ids[0] != ids[1] {
			t.Errorf("ids %v: a repeat has the same", ids)
		}
	})
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refusalCode(err error) string {
	if r, ok := domain.AsRefusal(err); ok {
		return r.Code
	}
	return ""
}
