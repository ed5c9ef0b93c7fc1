package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// maxResend bounds what one Resend sends; it runs once a second.
const maxResend = 500

// Resend sends the requests of bookings again that got no answer in time.
type Resend struct {
	catalogue  port.Catalogue
	unanswered port.UnansweredBookings
	publisher  port.Publisher
}

// NewResend binds the ports.
func NewResend(c port.Catalogue, u port.UnansweredBookings, p port.Publisher) *Resend {
	return &Resend{c, u, p}
}

// Handle sends what is due; the answer to a repeat is the first one's.
func (h *Resend) Handle(ctx context.Context) error {
	due, err := h.unanswered.ClaimUnanswered(ctx, maxResend)
	if err != nil {
		return err
	}
	var requests []message.Envelope
	for _, b := range due {
		event, err := h.catalogue.Event(ctx, b.EventID)
		if err != nil {
			return err // due again later
		}
		requests = append(requests, seatRequest(event, b))
	}
	return port.PublishAll(ctx, h.publisher, requests)
}
