package booking

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Outbox = (*Store)(nil)

// publishLimit is how long rows are held while they are sent.
const publishLimit = 5 * time.Second

// Claim publishes what waits and is not held by another server. The rows are
// gone when publish has answered nil, and back otherwise.
func (s *Store) Claim(ctx context.Context, limit int, publish func(context.Context, []message.Envelope) error) (n int, err error) {
	ctx, cancel := context.WithTimeout(ctx, publishLimit)
	defer cancel()
	err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, `DELETE FROM outbox WHERE id IN (SELECT id FROM outbox ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED)
			RETURNING id, booking_id, event_id, section, seats, hold, reason, created_at`, limit)
		if err != nil {
			return err
		}
		envelopes, err := pgx.CollectRows(rows, scanOutgoing)
		if err != nil || len(envelopes) == 0 {
			return err
		}
		n = len(envelopes)
		return publish(ctx, envelopes)
	})
	if err != nil {
		n = 0
	}
	return n, err
}

func scanOutgoing(row pgx.CollectableRow) (message.Envelope, error) {
	var (
		id      int64
		booking [16]byte
		seats   []string
		m       message.BookingExpiredReleaseTickets
		at      time.Time
	)
	if err := row.Scan(&id, &booking, &m.EventID, &m.Section, &seats, &m.Hold, &m.Reason, &at); err != nil {
		return message.Envelope{}, err
	}
	m.BookingID = booking
	for _, text := range seats {
		s, err := domain.ParseSeatID(text)
		if err != nil {
			return message.Envelope{}, err
		}
		m.Seats = append(m.Seats, s)
	}
	_, partition := message.Route(m.Action(), m.EventID, m.Section, 0)
	return message.Envelope{ID: m.Action().Flow().Message + "-" + strconv.FormatInt(id, 10), Time: at.UTC(), Partition: partition, Body: m}, nil
}
