package booking

import (
	"context"
	"errors"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// maxDue is how many payments CompletePayments takes at once.
const maxDue = 100

// CompletePayments captures payments whose booking is PAID and voids payments
// that led to nothing. It repeats each call until the gateway confirms it.
type CompletePayments struct {
	payments port.DuePayments
	gateway  port.Gateway
}

// NewCompletePayments binds the ports.
func NewCompletePayments(p port.DuePayments, g port.Gateway) *CompletePayments {
	return &CompletePayments{p, g}
}

// Handle works through all that is due. A payment that fails is due again later
// and does not stop the others.
func (h *CompletePayments) Handle(ctx context.Context) error {
	if err := h.payments.GiveUp(ctx, booking.GiveUpAfter, booking.Payment.GiveUp); err != nil {
		return err
	}
	for {
		due, err := h.payments.ClaimDue(ctx, maxDue)
		if err != nil {
			return err
		}
		results := make(chan error, len(due))
		for _, p := range due { // at once: the gateway writes concurrent calls as a group
			go func() { results <- h.complete(ctx, p) }()
		}
		for range due {
			err = errors.Join(err, <-results)
		}
		if err != nil || len(due) < maxDue {
			return err
		}
	}
}

func (h *CompletePayments) complete(ctx context.Context, p booking.Payment) error {
	ctx, cancel := context.WithTimeout(ctx, GatewayLimit)
	defer cancel()
	call, end := h.gateway.Capture, booking.Captured
	if p.Status == booking.VoidDue {
		call, end = h.gateway.Void, booking.Voided
	}
	if err := call(ctx, p.ID); err != nil {
		return err
	}
	_, err := h.payments.Move(ctx, p.ID, p.Status, end)
	return err
}
