package ticketing

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/port"
)

var _ port.DeltaFolding = (*Store)(nil)

// FoldDeltas moves deltas into the totals of their sections and the sales of their
// minutes. It is one statement, so a crash leaves all of it or nothing, and each
// reader sees the deltas either before or after. SKIP LOCKED leaves the deltas to
// one server.
func (s *Store) FoldDeltas(ctx context.Context, limit int) (n int, err error) {
	err = s.TimedStep(ctx, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, `WITH folded AS (
				DELETE FROM ticket_deltas WHERE ctid = ANY(ARRAY(SELECT ctid FROM ticket_deltas LIMIT $1 FOR UPDATE SKIP LOCKED)) RETURNING *
			), totals AS (
				INSERT INTO ticket_totals AS t SELECT event_id, section, sum(available), sum(reserved), sum(sold), sum(bookings)
					FROM folded GROUP BY event_id, section ORDER BY event_id, section
				ON CONFLICT (event_id, section) DO UPDATE SET available = t.available + excluded.available, reserved = t.reserved + excluded.reserved,
					sold = t.sold + excluded.sold, bookings = t.bookings + excluded.bookings
			), minutes AS (
				INSERT INTO ticket_minutes AS m SELECT event_id, section, date_trunc('minute', at, 'UTC') AS minute, sum(sold), sum(revenue)
					FROM folded WHERE sold <> 0 OR revenue <> 0 GROUP BY event_id, section, minute ORDER BY event_id, section, minute
				ON CONFLICT (event_id, section, minute) DO UPDATE SET sold = m.sold + excluded.sold, revenue = m.revenue + excluded.revenue
			) SELECT count(*) FROM folded`, limit).Scan(&n)
	})
	return n, err
}
