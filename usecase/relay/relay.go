// Package relay publishes the messages that stores keep in their outboxes.
package relay

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
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
	wakes     port.Wakes
}

// New binds the ports.
func New(o port.Outbox, p port.Publisher, w port.Wakes) *Relay { return &Relay{o, p, w} }

// Handle publishes all messages of the outbox. If publishing fails, they stay in
// the outbox.
func (r *Relay) Handle(ctx context.Context) error {
	for {
		n, err := r.outbox.Claim(ctx, MaxClaim, r.publish)
		if err != nil || n < MaxClaim {
			return err
		}
	}
}

// publish sends messages to events that are awake. A message must not leave the outbox
// before its event is awake: nobody would read it, and nothing would be left to show
// that somebody should.
func (r *Relay) publish(ctx context.Context, envelopes []message.Envelope) error {
	woken := map[domain.EventID]bool{}
	for _, e := range envelopes {
		id := e.Body.Event()
		if woken[id] {
			continue
		}
		woken[id] = true
		if err := r.wakes.Wake(ctx, id); err != nil {
			return err
		}
	}
	return publish.All(ctx, r.publisher, envelopes)
}
