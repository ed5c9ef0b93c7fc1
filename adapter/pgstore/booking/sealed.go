package booking

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.SealedBookings = (*Store)(nil)

// sealedCode is the code with which the trigger of the table refuses a booking.
const sealedCode = "OS001"

// refusedAsSealed translates this refusal. Other errors stay as they are.
func refusedAsSealed(err error) error {
	if pgstore.HasCode(err, sealedCode) {
		return booking.ErrEventClosed
	}
	return err
}

// Seal waits for the bookings that have passed the trigger to be committed, and makes
// later ones wait until its row is committed. Only new bookings read this table, so
// nothing else waits.
func (s *Store) Seal(ctx context.Context, event domain.EventID) (settled bool, err error) {
	err = s.Step(ctx, func(tx pgx.Tx) error {
		if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM sealed_events WHERE event_id = $1)", int64(event)).Scan(&settled); err != nil || settled {
			return err
		}
		if _, err := tx.Exec(ctx, "SET LOCAL lock_timeout = '2s'"); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "LOCK TABLE sealed_events IN ACCESS EXCLUSIVE MODE"); err != nil {
			return err
		}
		err := tx.QueryRow(ctx, `SELECT NOT EXISTS (SELECT FROM bookings WHERE status = 'processing' AND event_id = $1)
			AND NOT EXISTS (SELECT FROM bookings WHERE status = 'pending_payment' AND event_id = $1)
			AND NOT EXISTS (SELECT FROM outbox WHERE event_id = $1)`, int64(event)).Scan(&settled)
		if err != nil || !settled {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO sealed_events (event_id) VALUES ($1) ON CONFLICT DO NOTHING", int64(event))
		return err
	})
	return settled, err
}

// OfEvent reads the bookings of an event.
func (s *Store) OfEvent(ctx context.Context, event domain.EventID) ([]booking.Booking, error) {
	rows, err := s.Batches.Query(ctx, "SELECT "+columns+" FROM bookings WHERE event_id = $1 ORDER BY id", int64(event))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}
