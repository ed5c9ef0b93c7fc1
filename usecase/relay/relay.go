// Package relay publishes the messages that stores keep in their outboxes.
package relay

import (
	"context"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// MaxClaim is how many messages are claimed in one step.
const MaxClaim = 500

// Relay publishes an outbox.
type Relay struct {
	outbox    port.Outbox
	publisher port.Publisher
}

// New binds the ports.
func New(o port.Outbox, p port.Publisher) *Relay { return &Relay{o, p} }

// Handle publishes all messages of the outbox. If publishing fails, they stay in
// the outbox.
func (r *Relay) Handle(ctx context.Context) error {
	for {
		n, err := r.outbox.Claim(ctx, MaxClaim, func(ctx context.Context, envelopes []message.Envelope) error {
			return publish.All(ctx, r.publisher, envelopes)
		})
		if err != nil || n < MaxClaim {
			return err
		}
	}
}
