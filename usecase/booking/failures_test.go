package booking_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

func TestF1_CrashBetweenRowAndMessage(t *testing.T) {
	h := newService(t)
	h.sent.Fault = func(message.Envelope) error { return errors.New("killed") }
	b, err := h.accept.Handle(t.Context(), request(2))
	if err != nil || len(h.sent.Sent()) != 0 {
		t.Fatalf("%v, sent %v", err, h.sent.Sent())
	}
	h.sent.Fault = nil
	resend := booking.NewResend(h.catalogue, h.store, h.sent, booking.NewRequests(h.catalogue, h.sent), awake(h.catalogue))
	if err := resend.Handle(t.Context()); err != nil || len(h.sent.Sent()) != 0 {
		t.Fatalf("sent before it is due: %v %v", err, h.sent.Sent())
	}
	h.store.Now = func() time.Time { return now.Add(10 * time.Second) }
	if err := resend.Handle(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := h.sent.Sent()
	if len(sent) != 1 || sent[0].Body.(message.TicketReservedRequest).BookingID != b.ID || sent[0].Partition != 1 {
		t.Errorf("sent %+v", sent)
	}
	if err := resend.Handle(t.Context()); err != nil || len(h.sent.Sent()) != 1 {
		t.Errorf("sent again at once: %v %v", err, h.sent.Sent())
	}
}

func TestResendPassesOverAnUnknownEvent(t *testing.T) {
	h := newService(t)
	h.sent.Fault = func(message.Envelope) error { return errors.New("killed") }
	b, err := h.accept.Handle(t.Context(), request(2))
	if err != nil {
		t.Fatal(err)
	}
	lost := b
	lost.ID, lost.EventID = id(200), 99
	if _, err := h.store.Accept(t.Context(), lost, port.IdempotencyKey{}); err != nil {
		t.Fatal(err)
	}
	h.sent.Fault = nil
	h.store.Now = func() time.Time { return now.Add(10 * time.Second) }

	err = booking.NewResend(h.catalogue, h.store, h.sent, booking.NewRequests(h.catalogue, h.sent), awake(h.catalogue)).Handle(t.Context())

	if err == nil || !strings.Contains(err.Error(), lost.ID.String()) {
		t.Errorf("the error does not name the booking: %v", err)
	}
	if sent := h.sent.Sent(); len(sent) != 1 || sent[0].Body.(message.TicketReservedRequest).BookingID != b.ID {
		t.Errorf("sent %+v", sent)
	}
}

func TestF18_PartialGrant(t *testing.T) {
	h := newService(t)
	b, _ := h.accept.Handle(t.Context(), request(3))
	h.assigned(t)
	if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err != nil { // one seat of three
		t.Fatal(err)
	}
	got, _ := h.store.Booking(t.Context(), b.ID)
	if total, ok := got.Total(); !ok || total.Amount != 200000 || got.Quantity != 3 || len(got.Seats) != 1 {
		t.Errorf("%+v, total %+v", got, total)
	}
}

// half is a store that loses its connection during COMMIT: the row is stored, and
// Accept fails.
type half struct{ *memory.Bookings }

func (s half) Accept(ctx context.Context, b rules.Booking, key port.IdempotencyKey) (rules.Booking, error) {
	stored, err := s.Bookings.Accept(ctx, b, key)
	if err == nil && stored.ID == b.ID {
		err = errors.New("connection reset")
	}
	return stored, err
}

func TestF21_ConnectionDiesDuringCommit(t *testing.T) {
	h := newService(t)
	n := byte(100)
	accept := booking.NewAcceptBooking(h.catalogue, half{h.store}, booking.NewRequests(h.catalogue, h.sent), awake(h.catalogue), func() domain.BookingID { n++; return id(n) }, func() time.Time { return now })
	w := request(2)
	w.Key = port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	if _, err := accept.Handle(t.Context(), w); err == nil {
		t.Fatal("the fault did not happen")
	}
	b, err := accept.Handle(t.Context(), w) // the client repeats the request
	if err != nil || b.ID != id(101) {
		t.Errorf("%+v %v", b, err)
	}
	if _, err := h.store.Booking(t.Context(), id(102)); err == nil {
		t.Error("there is a second booking")
	}
}

func TestF29_ClockJumps(t *testing.T) {
	h := newService(t)
	b, _ := h.accept.Handle(t.Context(), request(1))
	h.assigned(t)
	if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err != nil {
		t.Fatal(err)
	}
	feed := &memory.Feed{}
	expire := booking.NewExpireBookings(h.store, feed)
	// The store's clock decides, and nothing else: not the clock of the machine, and
	// no key in Redis.
	if err := expire.Handle(t.Context()); err != nil || len(feed.Heard()) != 0 {
		t.Errorf("ended early: %v %v", err, feed.Heard())
	}
	h.store.Now = func() time.Time { return now.Add(15 * time.Minute) }
	if err := expire.Handle(t.Context()); err != nil || len(feed.Heard()) != 1 || feed.Heard()[0].Cancellation != rules.Expired {
		t.Errorf("not ended: %v %v", err, feed.Heard())
	}
	if out := h.store.Outgoing(); len(out) != 1 {
		t.Errorf("seats given back: %v", out)
	}
}
