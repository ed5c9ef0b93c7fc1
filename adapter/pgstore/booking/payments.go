package booking

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Payments are the attempts to pay of a Store.
type Payments struct{ *Store }

var (
	_ port.Payments    = Payments{}
	_ port.DuePayments = Payments{}
)

// Start stores the attempt that decide makes for a booking.
func (s Payments) Start(ctx context.Context, id domain.BookingID, decide func(booking.Booking, time.Time) (booking.Payment, error)) (booking.Payment, error) {
	var p booking.Payment
	err := s.Step(ctx, func(tx pgx.Tx) error {
		now, b, err := lockBooking(ctx, tx, id)
		if err != nil {
			return err
		}
		if p, err = decide(b, now); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO payments (id, booking_id, amount, currency, status, started_at) VALUES ($1, $2, $3, $4, $5, $6)",
			[16]byte(p.ID), [16]byte(p.BookingID), p.Amount.Amount, string(p.Amount.Currency), string(p.Status), p.StartedAt)
		return err
	})
	if err != nil {
		return booking.Payment{}, err
	}
	return p, nil
}

const paymentColumns = "id, booking_id, amount, currency, status, started_at"

// Conclude stores what decide makes of an attempt and its booking. Every step
// locks the booking first and then the attempt, so that steps never wait for each
// other in a circle. The clock is read after both locks were taken.
func (s Payments) Conclude(ctx context.Context, id booking.PaymentID, decide func(booking.Payment, booking.Booking, time.Time) booking.Conclusion) error {
	var end booking.Conclusion
	err := s.Step(ctx, func(tx pgx.Tx) error {
		var (
			p   booking.Payment
			b   booking.Booking
			now time.Time
		)
		batch := &pgx.Batch{} // one round trip; the statements run one after the other
		batch.Queue("SELECT "+columns+" FROM bookings WHERE id = (SELECT booking_id FROM payments WHERE id = $1) FOR UPDATE", [16]byte(id)).Query(one(&b, scan))
		batch.Queue("SELECT "+paymentColumns+" FROM payments WHERE id = $1 FOR UPDATE", [16]byte(id)).Query(one(&p, scanPayment))
		batch.Queue(clock).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
		if err := tx.SendBatch(ctx, batch).Close(); err != nil {
			return err
		}
		end = decide(p, b, now)
		changes := &pgx.Batch{}
		if end.Payment != p.Status {
			changes.Queue("UPDATE payments SET status = $2, due_at = clock_timestamp() WHERE id = $1", [16]byte(id), string(end.Payment))
		}
		if end.Paid != nil {
			bookings, messages := partsOf(*end.Paid)
			queueBookings(changes, bookings)
			queueMessages(changes, messages)
		}
		if changes.Len() == 0 {
			return nil
		}
		return tx.SendBatch(ctx, changes).Close()
	})
	if err != nil {
		return fmt.Errorf("conclude payment %s: %w", id, err)
	}
	if end.Paid != nil {
		crashpoint.At(crashpoint.BookingPaid)
		s.waiting.Ring()
	}
	s.due.Ring()
	return nil
}

// one collects the single row of a query into a value.
func one[T any](into *T, scan pgx.RowToFunc[T]) func(pgx.Rows) error {
	return func(rows pgx.Rows) (err error) {
		*into, err = pgx.CollectExactlyOneRow(rows, scan)
		return err
	}
}

// Move changes the status of an attempt if it is the expected one.
func (s Payments) Move(ctx context.Context, id booking.PaymentID, from, to booking.PaymentStatus) (bool, error) {
	tag, err := s.Batches.Exec(ctx, "UPDATE payments SET status = $3, due_at = clock_timestamp() WHERE id = $1 AND status = $2",
		[16]byte(id), string(from), string(to))
	return err == nil && tag.RowsAffected() == 1, err
}

// maxGiveUp is how many attempts are given up in one step. GiveUp repeats the
// step until none is left.
const maxGiveUp = 500

// GiveUp stores what decide makes of attempts that led to nothing.
func (s Payments) GiveUp(ctx context.Context, after time.Duration, decide func(booking.Payment, time.Time) (booking.Payment, bool)) error {
	for {
		var moved int
		err := s.TimedStep(ctx, func(tx pgx.Tx) error {
			rows, err := tx.Query(ctx, "SELECT "+paymentColumns+` FROM payments WHERE status IN ('started', 'authorised')
				AND started_at <= clock_timestamp() - $1 * interval '1 second' LIMIT $2 FOR UPDATE SKIP LOCKED`, after.Seconds(), maxGiveUp)
			if err != nil {
				return err
			}
			old, err := pgx.CollectRows(rows, scanPayment)
			if err != nil || len(old) == 0 {
				return err
			}
			var now time.Time
			if err := tx.QueryRow(ctx, clock).Scan(&now); err != nil {
				return err
			}
			moved = 0
			changes := &pgx.Batch{}
			for _, p := range old {
				if next, ok := decide(p, now); ok {
					changes.Queue("UPDATE payments SET status = $2, due_at = clock_timestamp() WHERE id = $1", [16]byte(p.ID), string(next.Status))
					moved++
				}
			}
			return tx.SendBatch(ctx, changes).Close()
		})
		if err != nil || moved < maxGiveUp {
			return err
		}
	}
}

// ClaimDue takes attempts that are due. Each is due again after a pause that
// doubles up to a minute.
func (s Payments) ClaimDue(ctx context.Context, limit int) ([]booking.Payment, error) {
	rows, err := s.Timers.Query(ctx, `UPDATE payments SET tries = tries + 1, due_at = clock_timestamp() + least(15 * 2 ^ least(tries, 10), 60) * interval '1 second'
		WHERE id IN (SELECT id FROM payments WHERE status IN ('capture_due', 'void_due') AND due_at <= clock_timestamp() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING `+paymentColumns, limit)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPayment)
}

func scanPayment(row pgx.CollectableRow) (booking.Payment, error) {
	var (
		p             booking.Payment
		id, bookingID [16]byte
	)
	err := row.Scan(&id, &bookingID, &p.Amount.Amount, &p.Amount.Currency, &p.Status, &p.StartedAt)
	p.ID, p.BookingID = id, bookingID
	return p, err
}
