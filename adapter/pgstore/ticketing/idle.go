package ticketing

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Work = (*Store)(nil)

// Idle reports whether an event was put on sale, and all its messages are
// acknowledged.
func (s *Store) Idle(ctx context.Context, event domain.EventID) (idle bool, err error) {
	err = s.Timers.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM events WHERE id = $1 AND status = 'creating')
		AND NOT EXISTS (SELECT FROM outbox WHERE event_id = $1)`, event).Scan(&idle)
	return idle, err
}
