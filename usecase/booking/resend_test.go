package booking_test

import (
	"errors"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

// A buyer pays the price at which the booking was accepted. So does a request that is
// sent again after the seller changed the price.
func TestResendHasThePriceOfTheBooking(t *testing.T) {
	h := newHouse(t)
	h.sent.Fault = func(message.Envelope) error { return errors.New("killed") }
	b, err := h.accept.Handle(t.Context(), wish(2))
	if err != nil {
		t.Fatal(err)
	}
	event, _ := h.catalogue.Known(show)
	event.Sections = append(event.Sections[:1:1], event.Sections[1])
	event.Sections[1].Price, event.Revision = 300000, 2
	if err := h.catalogue.PublishEvent(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	h.sent.Fault = nil
	h.store.Now = func() time.Time { return now.Add(10 * time.Second) }

	if err := booking.NewResend(h.catalogue, h.store, h.sent).Handle(t.Context()); err != nil {
		t.Fatal(err)
	}

	if sent := h.sent.Sent(); len(sent) != 1 || sent[0].Body.(message.TicketReservedRequest).UnitPrice != b.UnitPrice {
		t.Errorf("accepted at %+v, sent %+v", b.UnitPrice, sent)
	}
}
