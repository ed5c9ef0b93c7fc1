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

// picky refuses U+0000 in text, as PostgreSQL does.
type picky struct{ *memory.Bookings }

func (p picky) Apply(ctx context.Context, progress []port.Progress, ids []domain.BookingID, decide func(time.Time, map[domain.BookingID]rules.Booking) port.BookingChanges) error {
	bad := false
	err := p.Bookings.Apply(ctx, nil, ids, func(now time.Time, found map[domain.BookingID]rules.Booking) port.BookingChanges {
		for _, b := range decide(now, found).Bookings {
			bad = bad || strings.Contains(b.Failure, "\x00")
		}
		return port.BookingChanges{}
	})
	if bad {
		return errors.Join(port.ErrBadValue, errors.New("invalid byte sequence"))
	}
	if err != nil {
		return err
	}
	return p.Bookings.Apply(ctx, progress, ids, decide)
}

func failed(id domain.BookingID, offset int64, reason string) port.Delivery {
	return port.Delivery{Input: input, Offset: offset, Raw: []byte(reason), Envelope: message.Envelope{Body: message.BookingUpdatedToFailed{
		EventID: show, BookingID: id, Section: "B", Reason: reason}}}
}

func TestF19_AnswersWithABadValue(t *testing.T) {
	h := newService(t)
	feed := &memory.Feed{}
	h.answers = booking.NewAnswers(picky{h.store}, h.letters, feed, 15*time.Minute)
	var ids []domain.BookingID
	for range 4 {
		b, err := h.accept.Handle(t.Context(), request(1))
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, b.ID)
	}
	h.assigned(t)
	poison := port.Delivery{Input: input, Offset: 2, Poison: errors.New("no CloudEvent"), Raw: []byte("{")}

	t.Run("buries that record and applies the others", func(t *testing.T) {
		batch := []port.Delivery{failed(ids[0], 0, "sold_out"), failed(ids[1], 1, "sold\x00out"), poison, held(ids[2], 3)}
		if err := h.answers.Deliver(t.Context(), show, batch); err != nil {
			t.Fatal(err)
		}
		for i, want := range []rules.Status{rules.Failed, rules.Processing, rules.PendingPayment} {
			if b, _ := h.store.Booking(t.Context(), ids[i]); b.Status != want {
				t.Errorf("booking %d is %s, want %s", i, b.Status, want)
			}
		}
		buried := map[string]int{}
		for _, letter := range h.letters.Buried() {
			buried[string(letter.Raw)]++
		}
		if len(buried) != 2 || buried["sold\x00out"] != 1 || buried["{"] != 1 {
			t.Errorf("buried %v", buried)
		}
		if len(feed.Heard()) != 2 {
			t.Errorf("the feed got %d bookings", len(feed.Heard()))
		}
		if next := h.assigned(t); next != 4 {
			t.Errorf("goes on at %d", next)
		}
	})
	t.Run("goes on after it", func(t *testing.T) {
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(ids[3], 4)}); err != nil {
			t.Fatal(err)
		}
		if b, _ := h.store.Booking(t.Context(), ids[3]); b.Status != rules.PendingPayment {
			t.Errorf("the next booking is %s", b.Status)
		}
	})
	t.Run("buries nothing while the database is away", func(t *testing.T) {
		before := len(h.letters.Buried())
		h.store.Fault = func() error { return errors.New("connection refused") }
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{failed(ids[3], 5, "x")}); err == nil {
			t.Error("taken")
		}
		if len(h.letters.Buried()) != before || h.assigned(t) != 5 {
			t.Errorf("buried %d, goes on at %d", len(h.letters.Buried())-before, h.assigned(t))
		}
	})
}
