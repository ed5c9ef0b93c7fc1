package booking_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

// An Idempotency-Key outlives the sale: a repeat gets the first answer after the
// seller closed it.
func TestAcceptBookingUnderKeyAfterTheSale(t *testing.T) {
	h := newService(t)
	r := request(1)
	r.Key = port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	first, err := h.accept.Handle(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	event, _ := h.catalogue.Known(show)
	event.Closed, event.Revision = true, 2
	if err := h.catalogue.PublishEvent(t.Context(), event); err != nil {
		t.Fatal(err)
	}

	if again, err := h.accept.Handle(t.Context(), r); err != nil || again.ID != first.ID {
		t.Errorf("the repeat: %+v %v", again, err)
	}
	r.Key.Key = "another"
	if _, err := h.accept.Handle(t.Context(), r); refusal(err) == "none" {
		t.Errorf("a new booking is accepted: %v", err)
	}
}

// An event whose topics the brokers have refused gets no further booking, and is woken,
// so that they are asked for again. What was accepted before stays.
func TestAcceptBookingWithoutRoom(t *testing.T) {
	h := newService(t)
	bare, _ := h.catalogue.Known(show)
	bare.JournalTopicID, bare.Revision = "", 2
	publish := func(e ticketing.CatalogueEvent) {
		if err := h.catalogue.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	publish(bare)
	r := request(1)
	r.Key = port.IdempotencyKey{Key: "k", Body: [32]byte{1}}
	first, err := h.accept.Handle(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	bare.NoRoom, bare.Revision = true, 3
	publish(bare)

	log := memory.NewWakeLog()
	wakes := memory.NewWakes(log, h.catalogue, message.BookingService, time.Hour)
	accept := booking.NewAcceptBooking(h.catalogue, h.store, booking.NewRequests(h.catalogue, h.sent), wakes, func() domain.BookingID { return id(9) }, func() time.Time { return now })
	if _, err := accept.Handle(t.Context(), request(1)); refusal(err) != "too_many_events" {
		t.Errorf("a new booking: %v", err)
	}
	if log.Len() != 1 {
		t.Error("the event is not woken")
	}
	if again, err := accept.Handle(t.Context(), r); err != nil || again.ID != first.ID {
		t.Errorf("a repeat: %+v %v", again, err)
	}
}

// Bad fields are refused before an unknown event is.
func TestAcceptBookingRefusesFieldsFirst(t *testing.T) {
	zero, bad := 0, -1
	for name, spoil := range map[string]func(*booking.BookingRequest){
		"the section":    func(r *booking.BookingRequest) { r.Section = "" },
		"the subsection": func(r *booking.BookingRequest) { r.Subsection = &bad },
		"the quantity":   func(r *booking.BookingRequest) { r.Quantity = &zero },
		"the mode":       func(r *booking.BookingRequest) { r.Mode = "any" },
	} {
		r := request(1)
		r.EventID = 99
		spoil(&r)
		if _, err := newService(t).accept.Handle(t.Context(), r); refusal(err) != "invalid_request" {
			t.Errorf("%s: %v", name, err)
		}
	}
}
