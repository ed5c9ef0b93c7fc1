package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Cancellations = (*Store)(nil)

// Cancel stores what decide makes of a booking.
func (s *Store) Cancel(ctx context.Context, id domain.BookingID, decide func(booking.Booking) (booking.Change, error)) (booking.Booking, error) {
	var c booking.Change
	err := s.Step(ctx, func(tx pgx.Tx) error {
		_, b, err := lockBooking(ctx, tx, id)
		if err != nil {
			return err
		}
		if c, err = decide(b); err != nil {
			return err
		}
		bookings, messages := partsOf(c)
		return write(ctx, tx, bookings, messages)
	})
	if err != nil {
		return booking.Booking{}, err
	}
	s.waiting.Ring()
	return c.Booking, nil
}

// ExpireDue stores what decide makes of the bookings that are due on PostgreSQL's
// clock. It passes over bookings that a payment or a cancellation has locked. The
// sub-select reads the clock once, so that the index finds what is due: by the bare
// function, PostgreSQL would look at every pending booking each second.
func (s *Store) ExpireDue(ctx context.Context, limit int, decide func(booking.Booking, time.Time) (booking.Change, bool)) ([]booking.Booking, error) {
	if err := s.ReadClock(ctx); err != nil { // once a second: what buyers see of the clock follows it
		return nil, err
	}
	var (
		ended []booking.Booking
		now   time.Time
	)
	err := s.TimedStep(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT "+columns+` FROM bookings WHERE status = 'pending_payment' AND expires_at <= (SELECT clock_timestamp())
			ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`, limit)
		if err != nil {
			return err
		}
		due, err := pgx.CollectRows(rows, scan)
		if err != nil || len(due) == 0 {
			return err
		}
		if err := tx.QueryRow(ctx, clock).Scan(&now); err != nil {
			return err
		}
		ended = ended[:0]
		var changes []booking.Change
		for _, b := range due {
			if c, ok := decide(b, now); ok {
				changes, ended = append(changes, c), append(ended, c.Booking)
			}
		}
		bookings, messages := partsOf(changes...)
		return write(ctx, tx, bookings, messages)
	})
	if err != nil {
		return nil, err
	}
	observeExpiry(ended, now)
	if len(ended) > 0 {
		s.waiting.Ring()
	}
	return ended, nil
}
