package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

var now = time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)

const show = domain.EventID(7)

func id(n byte) domain.BookingID { return domain.BookingID{15: n} }

type service struct {
	catalogue *memory.Catalogue
	store     *memory.Bookings
	sent      *memory.Publisher
	letters   *memory.DeadLetters
	accept    *booking.AcceptBooking
	answers   *booking.Answers
}

// awake is a view in which all events are awake.
func awake(c port.Catalogue) port.Wakes {
	return memory.NewWakes(memory.NewWakeLog(), c, message.BookingService, time.Hour)
}

func newService(t *testing.T) *service {
	t.Helper()
	catalogue := memory.NewCatalogue()
	event := ticketing.CatalogueEvent{ID: show, Revision: 1, JournalTopicID: "journal", Currency: "TWD", MaxTickets: 4}
	for _, name := range []string{"A", "B"} {
		event.Sections = append(event.Sections, ticketing.CatalogueSection{Price: 200000,
			Layout: seating.SectionLayout{Name: name, Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}})
	}
	if err := catalogue.PublishEvent(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	h := &service{catalogue: catalogue, store: memory.NewBookings(), sent: &memory.Publisher{}, letters: &memory.DeadLetters{}}
	h.store.Now = func() time.Time { return now }
	n := byte(0)
	newID := func() domain.BookingID { n++; return id(n) }
	h.accept = booking.NewAcceptBooking(catalogue, h.store, booking.NewRequests(catalogue, h.sent), awake(catalogue), newID, func() time.Time { return now })
	h.answers = booking.NewAnswers(h.store, h.letters, &memory.Feed{}, 15*time.Minute)
	return h
}

func request(quantity int) booking.BookingRequest {
	return booking.BookingRequest{BuyerID: 42, EventID: show, Request: rules.Request{Section: "B", Mode: "best_available", Quantity: &quantity}}
}

func TestAcceptBooking(t *testing.T) {
	t.Run("stores first, then asks for seats on the section's partition", func(t *testing.T) {
		h := newService(t)
		b, err := h.accept.Handle(t.Context(), request(2))
		if err != nil || b.Status != rules.Processing {
			t.Fatalf("%+v %v", b, err)
		}
		if stored, err := h.store.Booking(t.Context(), b.ID); err != nil || stored.Quantity != 2 {
			t.Errorf("%+v %v", stored, err)
		}
		sent := h.sent.Sent()
		if len(sent) != 1 || sent[0].Partition != 1 || sent[0].Body.(message.TicketReservedRequest).BookingID != b.ID {
			t.Errorf("%+v", sent)
		}
	})
	t.Run("sends nothing for what is not stored", func(t *testing.T) {
		h := newService(t)
		h.store.Fault = func() error { return errors.New("no database") }
		if _, err := h.accept.Handle(t.Context(), request(2)); err == nil || len(h.sent.Sent()) != 0 {
			t.Errorf("%v, sent %v", err, h.sent.Sent())
		}
	})
	t.Run("stores nothing of a bad request", func(t *testing.T) {
		h := newService(t)
		if _, err := h.accept.Handle(t.Context(), request(5)); err == nil {
			t.Fatal("five seats were accepted, four are allowed")
		}
		if _, err := h.store.Booking(t.Context(), id(1)); err == nil {
			t.Error("it is stored")
		}
		nowhere := request(1)
		nowhere.EventID = 99
		if _, err := h.accept.Handle(t.Context(), nowhere); err == nil {
			t.Error("an unknown event was taken")
		}
	})
}

var input = port.Input{Event: show, Action: message.BookingToPendingPayment, Partition: 7, TopicID: "t"}

func held(booking domain.BookingID, offset int64) port.Delivery {
	return port.Delivery{Input: input, Offset: offset, Envelope: message.Envelope{Body: message.BookingUpdatedToPendingPayment{Held: message.Held{
		EventID: show, BookingID: booking, Section: "B", Hold: 9, Seats: []domain.SeatID{{Section: "B", Subsection: 1, Row: 1, Seat: 1}}}}}}
}

func (h *service) assigned(t *testing.T) int64 {
	t.Helper()
	from, err := h.answers.Assigned(t.Context(), show, map[port.Input]int64{input: 0})
	if err != nil {
		t.Fatal(err)
	}
	return from[input]
}

func TestAnswers(t *testing.T) {
	t.Run("open the payment window by the store's clock", func(t *testing.T) {
		h := newService(t)
		b, _ := h.accept.Handle(t.Context(), request(1))
		h.assigned(t)
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0), held(b.ID, 1)}); err != nil {
			t.Fatal(err)
		}
		got, _ := h.store.Booking(t.Context(), b.ID)
		if got.Status != rules.PendingPayment || !got.ExpiresAt.Equal(now.Add(15*time.Minute)) || got.Revision != 2 {
			t.Errorf("%+v", got)
		}
		if next := h.assigned(t); next != 2 {
			t.Errorf("goes on at %d", next)
		}
	})
	t.Run("give back seats of an unknown booking", func(t *testing.T) {
		h := newService(t)
		h.assigned(t)
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(id(200), 0)}); err != nil {
			t.Fatal(err)
		}
		if out := h.store.Outgoing(); len(out) != 1 || out[0].(message.BookingExpiredReleaseTickets).Hold != 9 || out[0].(message.BookingExpiredReleaseTickets).BookingID != id(200) {
			t.Errorf("%+v", out)
		}
	})
	t.Run("apply nothing after another server moved the input", func(t *testing.T) {
		h := newService(t)
		b, _ := h.accept.Handle(t.Context(), request(1))
		h.assigned(t)
		other := booking.NewAnswers(h.store, h.letters, &memory.Feed{}, time.Minute)
		if _, err := other.Assigned(t.Context(), show, map[port.Input]int64{input: 0}); err != nil {
			t.Fatal(err)
		}
		if err := other.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err != nil {
			t.Fatal(err)
		}
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); !errors.Is(err, port.ErrFenced) {
			t.Errorf("%v", err)
		}
	})
	t.Run("refuse a gap, and skip what was applied before", func(t *testing.T) {
		h := newService(t)
		b, _ := h.accept.Handle(t.Context(), request(1))
		h.assigned(t)
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 1)}); err == nil {
			t.Error("offset 1 was taken before 0")
		}
		for range 2 {
			if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(b.ID, 0)}); err != nil {
				t.Error(err)
			}
		}
		if next := h.assigned(t); next != 1 {
			t.Errorf("goes on at %d", next)
		}
	})
	t.Run("bury a record that cannot be read, and go on", func(t *testing.T) {
		h := newService(t)
		b, _ := h.accept.Handle(t.Context(), request(1))
		h.assigned(t)
		poison := port.Delivery{Input: input, Offset: 0, Poison: errors.New("not a CloudEvent"), Raw: []byte("{")}
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{poison, held(b.ID, 1)}); err != nil {
			t.Fatal(err)
		}
		if buried := h.letters.Buried(); len(buried) != 1 || string(buried[0].Raw) != "{" || buried[0].Input.Action != message.BookingToPendingPayment {
			t.Errorf("%+v", buried)
		}
		if got, _ := h.store.Booking(t.Context(), b.ID); got.Status != rules.PendingPayment {
			t.Errorf("%+v", got)
		}
	})
	t.Run("are refused for inputs that were revoked", func(t *testing.T) {
		h := newService(t)
		h.assigned(t)
		h.answers.Revoked(show, []port.Input{input})
		if err := h.answers.Deliver(t.Context(), show, []port.Delivery{held(id(1), 0)}); err == nil {
			t.Error("taken")
		}
	})
}
