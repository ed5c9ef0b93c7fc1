package booking

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Payments are the attempts to pay of a Store.
type Payments struct{ *Store }

var (
	_ port.Payments    = Payments{}
	_ port.DuePayments = Payments{}
)

// Start stores an attempt if its booking takes payment now.
func (s Payments) Start(ctx context.Context, p booking.Payment) (booking.Payment, error) {
	err := pgx.BeginFunc(ctx, s.Batches, func(tx pgx.Tx) error {
		now, b, err := oneBooking(ctx, tx, p.BookingID)
		if err != nil {
			return err
		}
		if err := b.RefusePayment(now); err != nil {
			return err
		}
		p.Amount, _ = b.Total()
		p.Status, p.StartedAt = booking.Started, now
		_, err = tx.Exec(ctx, "INSERT INTO payments (id, booking_id, amount, currency, status, started_at) VALUES ($1, $2, $3, $4, $5, $6)",
			[16]byte(p.ID), [16]byte(p.BookingID), p.Amount.Amount, string(p.Amount.Currency), string(p.Status), now)
		return err
	})
	return p, err
}

func oneBooking(ctx context.Context, tx pgx.Tx, id domain.BookingID) (time.Time, booking.Booking, error) {
	now, found, err := lockBookings(ctx, tx, []domain.BookingID{id})
	if err != nil {
		return now, booking.Booking{}, err
	}
	b, ok := found[id]
	if !ok {
		return now, b, errNoBooking
	}
	return now, b, nil
}

// Answer notes what the gateway said.
func (s Payments) Answer(ctx context.Context, id booking.PaymentID, to booking.PaymentStatus) (bool, error) {
	return s.move(ctx, id, booking.Started, to)
}

func (s Payments) move(ctx context.Context, id booking.PaymentID, from, to booking.PaymentStatus) (bool, error) {
	if !from.CanBecome(to) {
		return false, fmt.Errorf("a payment that is %s cannot become %s", from, to)
	}
	tag, err := s.Batches.Exec(ctx, "UPDATE payments SET status = $3, due_at = now() WHERE id = $1 AND status = $2", [16]byte(id), string(from), string(to))
	return err == nil && tag.RowsAffected() == 1, err
}

// Settle decides who wins: this payment, or the deadline, a cancellation,
// another payment. The booking's row is locked first, by everyone.
func (s Payments) Settle(ctx context.Context, id booking.PaymentID) (paid booking.Booking, err error) {
	var refused error
	err = s.Step(ctx, func(tx pgx.Tx) error {
		paid, refused = booking.Booking{}, nil
		var bookingID [16]byte
		if err := tx.QueryRow(ctx, "SELECT booking_id FROM payments WHERE id = $1", [16]byte(id)).Scan(&bookingID); err != nil {
			return err
		}
		now, b, err := oneBooking(ctx, tx, bookingID)
		if err != nil {
			return err
		}
		next, ok := b.Pay(now)
		if !ok {
			refused = b.RefusePayment(now)
			_, err := tx.Exec(ctx, "UPDATE payments SET status = 'void_due', due_at = now() WHERE id = $1 AND status = 'authorised'", [16]byte(id))
			return err
		}
		tag, err := tx.Exec(ctx, "UPDATE payments SET status = 'capture_due', due_at = now() WHERE id = $1 AND status = 'authorised'", [16]byte(id))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 { // the worker gave it up
			refused = domain.Refuse(domain.TimedOut, "payment_timeout", "the payment took too long and is not charged; try again")
			return nil
		}
		paid = next
		if err := update(ctx, tx, []booking.Booking{next}); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, insertOutbox, message.TicketToPaid.Flow().Message, [16]byte(next.ID), int64(next.EventID), next.Section,
			pgstore.Texts(next.Seats), int64(next.Hold), "")
		return err
	})
	if err = errors.Join(err, refused); err != nil {
		s.due.Ring()
		return booking.Booking{}, err
	}
	crashpoint.At(crashpoint.BookingPaid)
	s.waiting.Ring()
	s.due.Ring()
	return paid, nil
}

// GiveUp lets go of what led nowhere. An attempt that made its booking PAID is
// neither started nor authorised any more.
func (s Payments) GiveUp(ctx context.Context, after time.Duration) error {
	_, err := s.Timers.Exec(ctx, `UPDATE payments SET status = 'void_due', due_at = now()
		WHERE status IN ('started', 'authorised') AND started_at < now() - $1 * interval '1 second'`, after.Seconds())
	return err
}

// ClaimDue takes attempts, and again after a while that doubles up to a minute.
func (s Payments) ClaimDue(ctx context.Context, limit int) ([]booking.Payment, error) {
	rows, err := s.Timers.Query(ctx, `UPDATE payments SET tries = tries + 1, due_at = now() + least(15 * 2 ^ least(tries, 10), 60) * interval '1 second'
		WHERE id IN (SELECT id FROM payments WHERE status IN ('capture_due', 'void_due') AND due_at <= now() ORDER BY due_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING id, booking_id, amount, currency, status, started_at`, limit)
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

// Done notes the end of an attempt.
func (s Payments) Done(ctx context.Context, id booking.PaymentID, to booking.PaymentStatus) error {
	from := booking.CaptureDue
	if to == booking.Voided {
		from = booking.VoidDue
	}
	_, err := s.move(ctx, id, from, to)
	return err
}
