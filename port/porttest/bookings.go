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

// BookingStore is a store of bookings and payments.
type BookingStore struct {
	port.Bookings
	port.BookingInputs
	port.Payments
	port.DuePayments
	port.Cancellations
	port.Outbox
	Work   port.Work
	Sealed interface {
		port.SealedBookings
		port.ArchivedInputs
	}
}

// bookings adds test helpers to a store.
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

// buyer owns all bookings of request.
const buyer = domain.UserID(42)

func (s *bookings) request() booking.Booking {
	s.made++
	return booking.Booking{ID: numbered(s.made), EventID: 7, BuyerID: buyer, Section: "A", Subsection: 2, Mode: message.Manual,
		Positions: []domain.SeatPosition{{Row: 1, Seat: 2}}, Quantity: 1, UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"},
		Status: booking.Processing, CreatedAt: time.Date(2027, 1, 2, 3, 4, 5, 6000, time.UTC), Revision: 1}
}

// pending accepts a booking and holds a seat for it for a time.
func (s *bookings) pending(window time.Duration) booking.Booking {
	s.Helper()
	b, err := s.Accept(s.Context(), s.request(), port.IdempotencyKey{})
	s.check(err)
	s.check(s.Apply(s.Context(), nil, []domain.BookingID{b.ID}, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		held, _ := found[b.ID].HoldSeats([]domain.SeatID{{Section: "A", Subsection: 2, Row: 1, Seat: 2}}, 9, now.Add(window).UTC())
		return port.BookingChanges{Bookings: []booking.Booking{held}}
	}))
	b, err = s.Booking(s.Context(), b.ID)
	s.check(err)
	return b
}

// byBuyer cancels a booking of the buyer of request.
func (s *bookings) byBuyer(id domain.BookingID) (booking.Booking, error) {
	return s.Cancel(s.Context(), id, func(b booking.Booking) (booking.Change, error) { return b.CancelByBuyer(buyer) })
}

func (s *bookings) cancel(id domain.BookingID) {
	s.Helper()
	_, err := s.byBuyer(id)
	s.check(err)
}

func (s *bookings) expire(limit int) ([]booking.Booking, error) {
	return s.ExpireDue(s.Context(), limit, booking.Booking.Expire)
}

func (s *bookings) start(id domain.BookingID, payment byte) (booking.Payment, error) {
	return s.Start(s.Context(), id, func(b booking.Booking, now time.Time) (booking.Payment, error) {
		return b.StartPayment(booking.PaymentID{15: payment}, buyer, now)
	})
}

// conclude returns the paid booking, or why it is not paid.
func (s *bookings) conclude(id booking.PaymentID) (booking.Booking, error) {
	s.Helper()
	var end booking.Conclusion
	s.check(s.Conclude(s.Context(), id, func(p booking.Payment, b booking.Booking, now time.Time) booking.Conclusion {
		end = p.Conclude(b, now)
		return end
	}))
	if end.Refused != nil {
		return booking.Booking{}, end.Refused
	}
	return end.Paid.Booking, nil
}

// outgoing empties the outbox.
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
	early, err := s.Accept(s.Context(), s.request(), port.IdempotencyKey{})
	s.check(err)
	b, err := s.byBuyer(early.ID)
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
	if _, err := s.byBuyer(held.ID); code(err) != "booking_cancelled" {
		s.Errorf("again: %v", err)
	}
	paid := s.pending(time.Hour)
	_, err = s.conclude(s.authorised(paid, 1))
	s.check(err)
	if _, err := s.byBuyer(paid.ID); code(err) != "already_paid" {
		s.Errorf("paid: %v", err)
	}
	if _, err := s.byBuyer(numbered(99)); code(err) != "booking_not_found" {
		s.Errorf("unknown: %v", err)
	}
}

func expired(s *bookings) {
	due, young := s.pending(-time.Second), s.pending(time.Hour)
	ended, err := s.expire(10)
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
	if ended, err := s.expire(10); err != nil || len(ended) != 0 {
		s.Errorf("again: %v %v", ended, err)
	}
}

func (s *bookings) authorised(b booking.Booking, id byte) booking.PaymentID {
	s.Helper()
	p, err := s.start(b.ID, id)
	s.check(err)
	if p.Amount != b.UnitPrice || p.Status != booking.Started {
		s.Fatalf("started %+v", p)
	}
	if moved, err := s.Payments.Move(s.Context(), p.ID, booking.Started, booking.Authorised); err != nil || !moved {
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

// Bookings tests a store of bookings and payments against its ports. open returns
// an empty store.
func Bookings(t *testing.T, open func(t *testing.T) BookingStore) {
	run := func(name string, test func(s *bookings)) {
		t.Run(name, func(t *testing.T) { test(&bookings{T: t, BookingStore: open(t)}) })
	}
	run("keeps what was accepted", func(s *bookings) {
		want := s.request()
		_, err := s.Accept(s.Context(), want, port.IdempotencyKey{})
		s.check(err)
		if got, err := s.Booking(s.Context(), want.ID); err != nil || !reflect.DeepEqual(got, want) {
			s.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
		}
		if _, err := s.Booking(s.Context(), numbered(999)); code(err) != "booking_not_found" {
			s.Errorf("unknown: %v", err)
		}
	})
	run("returns the first booking as it was accepted for a repeat under a key", repeatUnderKey)
	run("makes one booking of one key, however many ask at once", oneKeyAtOnce)
	run("a payment makes its booking paid, and is due for capture", paymentWins)
	run("takes no payment that the booking refuses", paymentRefused)
	run("lets one of two payments win", twoPayments)
	run("voids a payment whose booking was cancelled meanwhile", paymentLoses)
	run("cancels a booking for its buyer, once", cancelled)
	run("expires what is due, and nothing before", expired)
	run("is idle about an event once its bookings are final and its messages are sent", idleBookings)
	run("seals an event once its bookings are final and its messages are sent", sealed)
	run("drops the positions of topics that are removed", func(s *bookings) { dropped(s.T, s, s.Sealed, nil) })
	run("gives up an old attempt, and refuses a late answer for it", paymentGivenUp)
	run("tells the revisions of the newest bookings, to many at once", revisions)
}

func revisions(s *bookings) {
	for n := range 6 {
		b := s.request()
		b.BuyerID, b.EventID = domain.UserID(n%2+1), domain.EventID(n%3+1)
		_, err := s.Accept(s.Context(), b, port.IdempotencyKey{})
		s.check(err)
	}
	_, err := s.Cancel(s.Context(), numbered(3), func(b booking.Booking) (booking.Change, error) { return b.CancelByBuyer(b.BuyerID) })
	s.check(err)
	var all sync.WaitGroup
	for name, of := range map[string]struct {
		filter port.HistoryFilter
		want   map[domain.BookingID]int64
	}{
		"of a buyer":        {port.HistoryFilter{Buyer: 1, Limit: 10}, map[domain.BookingID]int64{numbered(1): 1, numbered(3): 2, numbered(5): 1}},
		"of another":        {port.HistoryFilter{Buyer: 2, Limit: 10}, map[domain.BookingID]int64{numbered(2): 1, numbered(4): 1, numbered(6): 1}},
		"the newest ones":   {port.HistoryFilter{Buyer: 1, Limit: 2}, map[domain.BookingID]int64{numbered(3): 2, numbered(5): 1}},
		"of one event":      {port.HistoryFilter{Buyer: 1, Event: 3, Limit: 10}, map[domain.BookingID]int64{numbered(3): 2}},
		"of nobody we know": {port.HistoryFilter{Buyer: 9, Limit: 10}, map[domain.BookingID]int64{}},
	} {
		all.Go(func() {
			if got, err := s.Revisions(s.Context(), of.filter); err != nil || !reflect.DeepEqual(got, of.want) {
				s.Errorf("%s: %v %v, want %v", name, got, err, of.want)
			}
		})
	}
	all.Wait()
}

func repeatUnderKey(s *bookings) {
	key := port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	if _, err := s.Accepted(s.Context(), buyer, key); code(err) != "booking_not_found" {
		s.Errorf("before: %v", err)
	}
	first, err := s.Accept(s.Context(), s.request(), key)
	s.check(err)
	s.cancel(first.ID)
	again, err := s.Accept(s.Context(), s.request(), key)
	if err != nil || !reflect.DeepEqual(again, first) {
		s.Errorf("%v\ngot  %+v\nwant %+v", err, again, first)
	}
	if _, err := s.Accept(s.Context(), s.request(), port.IdempotencyKey{Key: "k", Body: [32]byte{2}}); code(err) != "idempotency_key_reused" {
		s.Errorf("another body: %v", err)
	}
	other := s.request()
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
		b := s.request()
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
	paid, err := s.conclude(p)
	if err != nil || paid.Status != booking.Paid || paid.PaidAt.IsZero() || paid.Revision != b.Revision+1 {
		s.Fatalf("%+v %v", paid, err)
	}
	if stored, err := s.Booking(s.Context(), b.ID); err != nil || stored.Status != booking.Paid {
		s.Errorf("%+v %v", stored, err)
	}
	if as := s.dueAs(p); as != booking.CaptureDue {
		s.Errorf("due as %q", as)
	}
	if moved, err := s.DuePayments.Move(s.Context(), p, booking.CaptureDue, booking.Captured); err != nil || !moved {
		s.Fatal(moved, err)
	}
	if moved, err := s.DuePayments.Move(s.Context(), p, booking.CaptureDue, booking.Captured); err != nil || moved {
		s.Errorf("captured twice: %v %v", moved, err)
	}
	if as := s.dueAs(p); as != "" {
		s.Errorf("captured, and due as %q", as)
	}
}

func paymentRefused(s *bookings) {
	b, err := s.Accept(s.Context(), s.request(), port.IdempotencyKey{})
	s.check(err)
	late := s.pending(-time.Second)
	for id, want := range map[domain.BookingID]string{b.ID: "booking_processing", late.ID: "payment_window_over", numbered(99): "booking_not_found"} {
		if _, err := s.start(id, 1); code(err) != want {
			s.Errorf("%v, want %s", err, want)
		}
	}
}

func twoPayments(s *bookings) {
	b := s.pending(time.Hour)
	one, two := s.authorised(b, 1), s.authorised(b, 2)
	_, err := s.conclude(one)
	s.check(err)
	if _, err := s.conclude(two); code(err) != "already_paid" {
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
	if _, err := s.conclude(p); code(err) != "booking_cancelled" {
		s.Errorf("%v", err)
	}
	if as := s.dueAs(p); as != booking.VoidDue {
		s.Errorf("due as %q", as)
	}
}

// never is the decision on attempts that must not be asked for.
func never(s *bookings) func(booking.Payment, time.Time) (booking.Payment, bool) {
	return func(p booking.Payment, _ time.Time) (booking.Payment, bool) {
		s.Errorf("attempt %s is too young", p.ID)
		return p, false
	}
}

func paymentGivenUp(s *bookings) {
	b := s.pending(time.Hour)
	p, err := s.start(b.ID, 1)
	s.check(err)
	s.check(s.GiveUp(s.Context(), time.Hour, never(s)))
	if as := s.dueAs(p.ID); as != "" {
		s.Errorf("young, and due as %q", as)
	}
	s.check(s.GiveUp(s.Context(), -time.Second, func(p booking.Payment, _ time.Time) (booking.Payment, bool) { return p, false }))
	if as := s.dueAs(p.ID); as != "" {
		s.Errorf("not decided, and due as %q", as)
	}
	s.check(s.GiveUp(s.Context(), -time.Second, func(p booking.Payment, now time.Time) (booking.Payment, bool) { return p.GiveUp(now.Add(time.Hour)) }))
	if moved, err := s.Payments.Move(s.Context(), p.ID, booking.Started, booking.Authorised); moved || err != nil {
		s.Errorf("a late answer: %v %v", moved, err)
	}
	if _, err := s.conclude(p.ID); code(err) != "payment_timeout" {
		s.Errorf("concluded: %v", err)
	}
	if as := s.dueAs(p.ID); as != booking.VoidDue {
		s.Errorf("due as %q", as)
	}
}

func idleBookings(s *bookings) {
	is := func(when string, want bool) {
		s.Helper()
		b, err := s.Work.Idle(s.Context(), s.request().EventID)
		if err != nil || b != want {
			s.Errorf("%s: idle %v, %v", when, b, err)
		}
		if other, err := s.Work.Idle(s.Context(), s.request().EventID+1); err != nil || !other {
			s.Errorf("%s, another event: idle %v, %v", when, other, err)
		}
	}
	is("without bookings", true)
	b := s.pending(time.Minute)
	is("while a booking waits for its payment", false)
	s.cancel(b.ID)
	is("while a message waits to be sent", false)
	s.outgoing()
	is("when all is done", true)
	_, err := s.Accept(s.Context(), s.request(), port.IdempotencyKey{})
	s.check(err)
	is("while a booking has no answer", false)
}
