package pgstore

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain/message"
)

// publishLimit is how long rows may be locked while they are published.
const publishLimit = 5 * time.Second

// Claim publishes messages that take deletes from an outbox, in one transaction:
// if publish fails, the rows are back.
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

// Bell signals that something was stored that a worker should look at. It holds
// one signal: one look finds all that waits.
type Bell chan struct{}

// NewBell returns a bell without a signal.
func NewBell() Bell { return make(Bell, 1) }

// Ring signals. It does nothing if a signal is waiting already.
func (b Bell) Ring() {
	select {
	case b <- struct{}{}:
	default:
	}
}
