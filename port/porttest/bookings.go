package porttest

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// BookingStore is a store of bookings with its payments.
type BookingStore struct {
	port.Bookings
	port.BookingInputs
	port.Payments
	port.DuePayments
	port.Cancellations
	port.Outbox
}

// bookings is a store with helpers for its tests.
type bookings struct {
	*testing.T
	BookingStore
	made int
}

func (s *bookings) check(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func numbered(n int) domain.BookingID { return domain.BookingID{0: 1, 14: byte(n >> 8), 15: byte(n)} }

func (s *bookings) wish() booking.Booking {
	s.made++
	return booking.Booking{ID: numbered(s.made), EventID: 7, BuyerID: 42, Section: "A", Subsection: 2, Mode: message.Manual,
		Positions: []domain.SeatPosition{{Row: 1, Seat: 2}}, Quantity: 1, UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"},
		Status: booking.Processing, CreatedAt: time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC), Revision: 1}
}

// pending accepts a booking and holds a seat for it as long as the window.
func (s *bookings) pending(window time.Duration) booking.Booking {
	s.Helper()
	b, err := s.Accept(s.Context(), s.wish(), port.IdempotencyKey{})
	s.check(err)
	s.check(s.Apply(s.Context(), nil, []domain.BookingID{b.ID}, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		held, _ := found[b.ID].HoldSeats([]domain.SeatID{{Section: "A", Subsection: 2, Row: 1, Seat: 2}}, 9, now.Add(window).UTC())
		return port.BookingChanges{Bookings: []booking.Booking{held}}
	}))
	b, err = s.Booking(s.Context(), b.ID)
	s.check(err)
	return b
}

func (s *bookings) cancel(id domain.BookingID) {
	s.Helper()
	_, err := s.Cancel(s.Context(), id)
	s.check(err)
}

// outgoing takes what waits to be sent.
func (s *bookings) outgoing() []message.Message {
	s.Helper()
	var bodies []message.Message
	_, err := s.Claim(s.Context(), 100, func(_ context.Context, envelopes []message.Envelope) error {
		for _, e := range envelopes {
			bodies = append(bodies, e.Body)
		}
		return nil
	})
	s.check(err)
	return bodies
}

func cancelled(s *bookings) {
	early, err := s.Accept(s.Context(), s.wish(), port.IdempotencyKey{})
	s.check(err)
	b, err := s.Cancel(s.Context(), early.ID)
	if err != nil || b.Status != booking.Cancelled || b.Cancellation != booking.ByBuyer || b.Revision != 2 {
		s.Errorf("%+v %v", b, err)
	}
	if out := s.outgoing(); len(out) != 0 {
		s.Errorf("no seat was given back by %+v", out)
	}
	held := s.pending(time.Hour)
	s.cancel(held.ID)
	want := message.BookingExpiredReleaseTickets{EventID: 7, BookingID: held.ID, Section: "A", Seats: held.Seats, Hold: 9, Reason: "by_buyer"}
	if out := s.outgoing(); len(out) != 1 || !reflect.DeepEqual(out[0], want) {
		s.Errorf("got  %+v\nwant %+v", out, want)
	}
	if _, err := s.Cancel(s.Context(), held.ID); code(err) != "booking_cancelled" {
		s.Errorf("again: %v", err)
	}
	paid := s.pending(time.Hour)
	_, err = s.Settle(s.Context(), s.authorised(paid, 1))
	s.check(err)
	if _, err := s.Cancel(s.Context(), paid.ID); code(err) != "already_paid" {
		s.Errorf("paid: %v", err)
	}
	if _, err := s.Cancel(s.Context(), numbered(99)); code(err) != "booking_not_found" {
		s.Errorf("unknown: %v", err)
	}
}

func expired(s *bookings) {
	due, young := s.pending(-time.Second), s.pending(time.Hour)
	ended, err := s.ExpireDue(s.Context(), 10)
	if err != nil || len(ended) != 1 || ended[0].ID != due.ID || ended[0].Cancellation != booking.Expired || ended[0].Revision != 3 {
		s.Fatalf("%+v %v", ended, err)
	}
	if b, err := s.Booking(s.Context(), young.ID); err != nil || b.Status != booking.PendingPayment {
		s.Errorf("%+v %v", b, err)
	}
	out := s.outgoing()
	if len(out) != 1 || out[0].(message.BookingExpiredReleaseTickets).Reason != "expired" {
		s.Errorf("%+v", out)
	}
	if ended, err := s.ExpireDue(s.Context(), 10); err != nil || len(ended) != 0 {
		s.Errorf("again: %v %v", ended, err)
	}
}

func (s *bookings) authorised(b booking.Booking, id byte) booking.PaymentID {
	s.Helper()
	p, err := s.Start(s.Context(), booking.Payment{ID: booking.PaymentID{15: id}, BookingID: b.ID})
	s.check(err)
	if p.Amount != b.UnitPrice || p.Status != booking.Started {
		s.Fatalf("started %+v", p)
	}
	if moved, err := s.Answer(s.Context(), p.ID, booking.Authorised); err != nil || !moved {
		s.Fatal(moved, err)
	}
	return p.ID
}

func (s *bookings) dueAs(id booking.PaymentID) booking.PaymentStatus {
	s.Helper()
	due, err := s.ClaimDue(s.Context(), 100)
	s.check(err)
	for _, p := range due {
		if p.ID == id {
			return p.Status
		}
	}
	return ""
}

func code(err error) string {
	if r, ok := domain.AsRefusal(err); ok {
		return r.Code
	}
	return fmt.Sprint(err)
}

// Bookings is the contract of port.Bookings and port.Payments. open answers an
// empty store.
func Bookings(t *testing.T, open func(t *testing.T) BookingStore) {
	run := func(name string, test func(s *bookings)) {
		t.Run(name, func(t *testing.T) { test(&bookings{T: t, BookingStore: open(t)}) })
	}
	run("keeps what was accepted", func(s *bookings) {
		want := s.wish()
		_, err := s.Accept(s.Context(), want, port.IdempotencyKey{})
		s.check(err)
		if got, err := s.Booking(s.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
			s.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
		}
		if _, err := s.Booking(s.Context(), numbered(999)); code(err) != "booking_not_found" {
			s.Errorf("unknown: %v", err)
		}
	})
	run("answers a repeat under a key with the first booking, as it was accepted", repeatUnderKey)
	run("makes one booking of one key, however many ask at once", oneKeyAtOnce)
	run("a payment makes its booking paid, and is due for capture", paymentWins)
	run("takes no payment when its booking does not", paymentRefused)
	run("lets one of two payments win", twoPayments)
	run("voids a payment whose booking was cancelled meanwhile", paymentLoses)
	run("ends a booking for its buyer, once", cancelled)
	run("ends what is due, and nothing before", expired)
	run("gives up what leads nowhere, and takes no late answer for it", paymentGivenUp)
}

func repeatUnderKey(s *bookings) {
	key := port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	if _, err := s.Accepted(s.Context(), 42, key); code(err) != "booking_not_found" {
		s.Errorf("before: %v", err)
	}
	first, err := s.Accept(s.Context(), s.wish(), key)
	s.check(err)
	s.cancel(first.ID)
	again, err := s.Accept(s.Context(), s.wish(), key)
	if err != nil || !reflect.DeepEqual(again, first) {
		s.Errorf("%v\ngot  %+v\nwant %+v", err, again, first)
	}
	if _, err := s.Accept(s.Context(), s.wish(), port.IdempotencyKey{Key: "k", Body: [32]byte{2}}); code(err) != "idempotency_key_reused" {
		s.Errorf("another body: %v", err)
	}
	other := s.wish()
	other.BuyerID = 43
	if b, err := s.Accept(s.Context(), other, key); err != nil || b.ID != other.ID {
		s.Errorf("another buyer's: %+v %v", b, err)
	}
}

func oneKeyAtOnce(s *bookings) {
	key := port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	ids := make(chan domain.BookingID, 64)
	var all sync.WaitGroup
	for range cap(ids) {
		b := s.wish()
		all.Go(func() {
			got, err := s.Accept(context.Background(), b, key)
			if err != nil {
				s.Error(err)
			}
			ids <- got.ID
		})
	}
	all.Wait()
	first := <-ids
	for range cap(ids) - 1 {
		if id := <-ids; id != first {
			s.Errorf("%s and %s under one key", first, id)
		}
	}
}

func paymentWins(s *bookings) {
	b := s.pending(time.Hour)
	p := s.authorised(b, 1)
	paid, err := s.Settle(s.Context(), p)
	if err != nil || paid.Status != booking.Paid || paid.PaidAt.IsZero() || paid.Revision != b.Revision+1 {
		s.Fatalf("%+v %v", paid, err)
	}
	if stored, err := s.Booking(s.Context(), b.ID); err != nil || stored.Status != booking.Paid {
		s.Errorf("%+v %v", stored, err)
	}
	if as := s.dueAs(p); as != booking.CaptureDue {
		s.Errorf("due as %q", as)
	}
	s.check(s.Done(s.Context(), p, booking.Captured))
	if as := s.dueAs(p); as != "" {
		s.Errorf("captured, and due as %q", as)
	}
}

func paymentRefused(s *bookings) {
	b, err := s.Accept(s.Context(), s.wish(), port.IdempotencyKey{})
	s.check(err)
	late := s.pending(-time.Second)
	for id, want := range map[domain.BookingID]string{b.ID: "booking_processing", late.ID: "payment_window_over", numbered(99): "booking_not_found"} {
		if _, err := s.Start(s.Context(), booking.Payment{ID: booking.PaymentID{15: 1}, BookingID: id}); code(err) != want {
			s.Errorf("%v, want %s", err, want)
		}
	}
}

func twoPayments(s *bookings) {
	b := s.pending(time.Hour)
	one, two := s.authorised(b, 1), s.authorised(b, 2)
	_, err := s.Settle(s.Context(), one)
	s.check(err)
	if _, err := s.Settle(s.Context(), two); code(err) != "already_paid" {
		s.Errorf("the second: %v", err)
	}
	if as := s.dueAs(two); as != booking.VoidDue {
		s.Errorf("the loser is due as %q", as)
	}
}

func paymentLoses(s *bookings) {
	b := s.pending(time.Hour)
	p := s.authorised(b, 1)
	s.cancel(b.ID)
	if _, err := s.Settle(s.Context(), p); code(err) != "booking_cancelled" {
		s.Errorf("%v", err)
	}
	if as := s.dueAs(p); as != booking.VoidDue {
		s.Errorf("due as %q", as)
	}
}

func paymentGivenUp(s *bookings) {
	b := s.pending(time.Hour)
	p, err := s.Start(s.Context(), booking.Payment{ID: booking.PaymentID{15: 1}, BookingID: b.ID})
	s.check(err)
	s.check(s.GiveUp(s.Context(), time.Hour))
	if as := s.dueAs(p.ID); as != "" {
		s.Errorf("young, and due as %q", as)
	}
	s.check(s.GiveUp(s.Context(), -time.Second))
	if moved, err := s.Answer(s.Context(), p.ID, booking.Authorised); moved || err != nil {
		s.Errorf("a late answer: %v %v", moved, err)
	}
	if _, err := s.Settle(s.Context(), p.ID); code(err) != "payment_timeout" {
		s.Errorf("settled: %v", err)
	}
	if as := s.dueAs(p.ID); as != booking.VoidDue {
		s.Errorf("due as %q", as)
	}
}
