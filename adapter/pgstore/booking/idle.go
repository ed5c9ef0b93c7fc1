package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Work = (*Store)(nil)

// Idle reports whether all bookings of an event are final, and all its messages are
// acknowledged.
func (s *Store) Idle(ctx context.Context, event domain.EventID) (idle bool, err error) {
	err = s.Timers.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM bookings WHERE status = 'processing' AND event_id = $1)
		AND NOT EXISTS (SELECT FROM bookings WHERE status = 'pending_payment' AND event_id = $1)
		AND NOT EXISTS (SELECT FROM outbox WHERE event_id = $1)`, event).Scan(&idle)
	return idle, err
}
