package booking

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// maxResend is how many requests one call sends. It is called once a second.
const maxResend = 500

// Resend repeats the requests of bookings that got no answer in time.
type Resend struct {
	catalogue  port.Catalogue
	unanswered port.UnansweredBookings
	publisher  port.Publisher
	requests   *Requests
	wakes      port.Wakes
}

// NewResend binds the ports.
func NewResend(c port.Catalogue, u port.UnansweredBookings, p port.Publisher, r *Requests, w port.Wakes) *Resend {
	return &Resend{c, u, p, r, w}
}

// Handle sends what is due, and wakes its events. The seat owner answers a repeat as it
// answered the first request. If an event is not known here, its bookings are skipped
// and due again later; the other bookings are sent.
func (h *Resend) Handle(ctx context.Context) error {
	due, err := h.unanswered.ClaimUnanswered(ctx, maxResend)
	if err != nil {
		return err
	}
	ofEvent := map[domain.EventID][]booking.Booking{}
	for _, b := range due {
		ofEvent[b.EventID] = append(ofEvent[b.EventID], b)
	}
	var requests []message.Envelope
	for _, id := range slices.Sorted(maps.Keys(ofEvent)) {
		bookings := ofEvent[id]
		event, unknown := h.event(ctx, id)
		if unknown != nil {
			err = errors.Join(err, fmt.Errorf("%d bookings of event %d, for example %s, are not sent again: %w", len(bookings), id, bookings[0].ID, unknown))
			continue
		}
		err = errors.Join(err, h.wakes.Wake(ctx, id))
		for _, b := range bookings {
			if !event.HasTopics() {
				h.requests.Send(event, seatRequest(event, b))
				continue
			}
			requests = append(requests, seatRequest(event, b))
		}
	}
	return errors.Join(err, publish.All(ctx, h.publisher, requests))
}

// event returns the event as it is known: positions of sections never change. A
// server that has just started may not have read it yet, and reads it then.
func (h *Resend) event(ctx context.Context, id domain.EventID) (ticketing.CatalogueEvent, error) {
	if e, known := h.catalogue.Known(id); known {
		return e, nil
	}
	return h.catalogue.Event(ctx, id)
}
