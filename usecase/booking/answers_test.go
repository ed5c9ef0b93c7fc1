package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

func TestAnswersAreTold(t *testing.T) {
	h, feed := newHouse(t), &memory.Feed{}
	h.answers = booking.NewAnswers(h.store, h.letters, feed, 15*time.Minute)
	b, err := h.accept.Handle(t.Context(), wish(1))
	if err != nil {
		t.Fatal(err)
	}
	h.assigned(t)

	h.store.Fault = func() error { return errors.New("no database") }
	if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err == nil || len(feed.Heard()) != 0 {
		t.Errorf("told although it is not stored: %+v %v", feed.Heard(), err)
	}
	h.store.Fault = nil
	if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err != nil {
		t.Fatal(err)
	}
	if heard := feed.Heard(); len(heard) != 1 || heard[0].ID != b.ID || heard[0].Status != rules.PendingPayment {
		t.Errorf("%+v", heard)
	}
}

// An Idempotency-Key outlives the sale: a repeat gets the first answer after the
// seller closed it.
func TestAcceptBookingUnderKeyAfterTheSale(t *testing.T) {
	h := newHouse(t)
	w := wish(1)
	w.Key = port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	first, err := h.accept.Handle(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	event, _ := h.catalogue.Known(show)
	event.Closed, event.Revision = true, 2
	if err := h.catalogue.PublishEvent(t.Context(), event); err != nil {
		t.Fatal(err)
	}

	if again, err := h.accept.Handle(t.Context(), w); err != nil || again.ID != first.ID {
		t.Errorf("the repeat: %+v %v", again, err)
	}
	w.Key.Key = "another"
	if _, err := h.accept.Handle(t.Context(), w); refusal(err) == "none" {
		t.Errorf("a new booking is accepted: %v", err)
	}
}
