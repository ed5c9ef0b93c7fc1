package booking

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// giveUpAfter is when an attempt whose booking is not PAID is voided.
const giveUpAfter = time.Minute

// maxDue bounds what one SettlePayments takes.
const maxDue = 100

// SettlePayments captures what is paid and voids what led nowhere, until the
// gateway has said that it is done.
type SettlePayments struct {
	payments port.DuePayments
	gateway  port.Gateway
}

// NewSettlePayments binds the ports.
func NewSettlePayments(p port.DuePayments, g port.Gateway) *SettlePayments {
	return &SettlePayments{p, g}
}

// Handle works off what is due; what fails is due again after a while.
func (h *SettlePayments) Handle(ctx context.Context) error {
	if err := h.payments.GiveUp(ctx, giveUpAfter); err != nil {
		return err
	}
	for {
		due, err := h.payments.ClaimDue(ctx, maxDue)
		if err != nil {
			return err
		}
		results := make(chan error, len(due))
		for _, p := range due { // side by side: the gateway writes them as a group
			go func() { results <- h.settle(ctx, p) }()
		}
		for range due {
			err = errors.Join(err, <-results)
		}
		if err != nil || len(due) < maxDue {
			return err
		}
	}
}

func (h *SettlePayments) settle(ctx context.Context, p booking.Payment) error {
	ctx, cancel := context.WithTimeout(ctx, GatewayLimit)
	defer cancel()
	call, end := h.gateway.Capture, booking.Captured
	if p.Status == booking.VoidDue {
		call, end = h.gateway.Void, booking.Voided
	}
	if err := call(ctx, p.ID); err != nil {
		return err
	}
	return h.payments.Done(ctx, p.ID, end)
}
