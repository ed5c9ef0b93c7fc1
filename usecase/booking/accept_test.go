package booking_test

import (
	"testing"

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
