package booking

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Positions answers the next offsets; an input that is new starts at 0.
func (s *Store) Positions(ctx context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	positions := map[port.Input]int64{}
	for _, in := range inputs {
		var next int64
		err := s.pool.QueryRow(ctx, `INSERT INTO input_offsets VALUES ($1, $2, $3, 0)
			ON CONFLICT (cluster, topic_id, partition) DO UPDATE SET next_offset = input_offsets.next_offset RETURNING next_offset`,
			in.Cluster, in.TopicID, int32(in.Partition)).Scan(&next)
		if err != nil {
			return nil, fmt.Errorf("offset of %s [%d]: %w", in.Action, in.Partition, err)
		}
		positions[in] = next
	}
	return positions, nil
}

// attempts is how often a step is repeated that met a deadlock.
const attempts = 5

// Apply makes one step of effects, messages and offsets.
func (s *Store) Apply(ctx context.Context, progress []port.Progress, ids []domain.BookingID,
	decide func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges) error {
	var err error
	for range attempts {
		err = pgx.BeginFunc(ctx, s.pool, func(tx pgx.Tx) error { return apply(ctx, tx, progress, ids, decide) })
		if !repeatable(err) {
			break
		}
	}
	return err
}

// repeatable tells whether PostgreSQL gave a transaction up for another's sake.
func repeatable(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
}

func apply(ctx context.Context, tx pgx.Tx, progress []port.Progress, ids []domain.BookingID,
	decide func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges) error {
	for _, p := range progress {
		tag, err := tx.Exec(ctx, `UPDATE input_offsets SET next_offset = $5 WHERE cluster = $1 AND topic_id = $2 AND partition = $3 AND next_offset = $4`,
			p.Input.Cluster, p.Input.TopicID, int32(p.Input.Partition), p.From, p.To)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return fmt.Errorf("%s [%d]: %w", p.Input.Action, p.Input.Partition, port.ErrFenced)
		}
	}
	now, found, err := lockBookings(ctx, tx, ids)
	if err != nil {
		return err
	}
	changes := decide(now, found)
	if err := update(ctx, tx, changes.Bookings); err != nil {
		return err
	}
	return send(ctx, tx, changes.Outgoing)
}

// lockBookings reads bookings in the order of their ids, so that two steps wait for
// each other and never in a circle.
func lockBookings(ctx context.Context, tx pgx.Tx, ids []domain.BookingID) (now time.Time, found map[domain.BookingID]booking.Booking, err error) {
	keys := make([][16]byte, len(ids))
	for i, id := range ids {
		keys[i] = id
	}
	rows, err := tx.Query(ctx, "SELECT "+columns+" FROM bookings WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", keys)
	if err != nil {
		return now, nil, err
	}
	bookings, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return now, nil, err
	}
	found = make(map[domain.BookingID]booking.Booking, len(bookings))
	for _, b := range bookings {
		found[b.ID] = b
	}
	// The clock is read after the locks were had: waiting takes nothing from a
	// buyer's window.
	err = tx.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, found, err
}

func update(ctx context.Context, tx pgx.Tx, changed []booking.Booking) error {
	if len(changed) == 0 {
		return nil
	}
	slices.SortFunc(changed, func(a, b booking.Booking) int { return slices.Compare(a.ID[:], b.ID[:]) })
	batch := &pgx.Batch{}
	for _, b := range changed {
		batch.Queue(`UPDATE bookings SET status = $2, seats = $3, hold = $4, failure = $5, cancellation = $6, expires_at = $7, paid_at = $8, revision = $9
			WHERE id = $1`, [16]byte(b.ID), string(b.Status), texts(b.Seats), int64(b.Hold), b.Failure, string(b.Cancellation),
			orNull(b.ExpiresAt), orNull(b.PaidAt), b.Revision)
	}
	return tx.SendBatch(ctx, batch).Close()
}

func send(ctx context.Context, tx pgx.Tx, outgoing []message.BookingExpiredReleaseTickets) error {
	batch := &pgx.Batch{}
	for _, m := range outgoing {
		batch.Queue("INSERT INTO outbox (booking_id, event_id, section, seats, hold, reason) VALUES ($1, $2, $3, $4, $5, $6)",
			[16]byte(m.BookingID), int64(m.EventID), m.Section, texts(m.Seats), int64(m.Hold), m.Reason)
	}
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}
