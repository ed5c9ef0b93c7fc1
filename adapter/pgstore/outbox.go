package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain/message"
)

// publishLimit is how long rows are held while they are sent.
const publishLimit = 5 * time.Second

// Claim publishes what take takes out of an outbox and holds: the rows are gone
// when publish has answered nil, and back otherwise.
func (d *Database) Claim(ctx context.Context, take func(context.Context, pgx.Tx) ([]message.Envelope, error),
	publish func(context.Context, []message.Envelope) error) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	err = pgx.BeginFunc(ctx, d.Timers, func(tx pgx.Tx) error {
		envelopes, err := take(ctx, tx)
		if err != nil || len(envelopes) == 0 {
			return err
		}
		n = len(envelopes)
		crashpoint.At(crashpoint.OutboxClaimed)
		if err := publish(ctx, envelopes); err != nil {
			return err
		}
		crashpoint.At(crashpoint.OutboxSent)
		return nil
	})
	if err != nil {
		n = 0
	}
	return n, err
}

// Bell rings when something was stored that waits to be handed on. It holds one
// ring: who is late finds all that waits by one look.
type Bell chan struct{}

// NewBell is silent.
func NewBell() Bell { return make(Bell, 1) }

// Ring rings, or has rung already.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}
