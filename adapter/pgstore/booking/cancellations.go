package booking

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Cancellations = (*Store)(nil)

// Cancel ends a booking for its buyer.
func (s *Store) Cancel(ctx context.Context, id domain.BookingID) (ended booking.Booking, err error) {
	err = s.Step(ctx, func(tx pgx.Tx) error {
		_, b, err := oneBooking(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := b.RefuseCancellation(); err != nil {
			return err
		}
		ended, _ = b.Cancel(booking.ByBuyer)
		return end(ctx, tx, []booking.Booking{ended})
	})
	if err != nil {
		return booking.Booking{}, err
	}
	s.waiting.Ring()
	return ended, nil
}

// ExpireDue ends what is due by PostgreSQL's clock. Bookings that a payment or
// a cancellation holds at this moment are left to it, and looked at again.
func (s *Store) ExpireDue(ctx context.Context, limit int) (ended []booking.Booking, err error) {
	err = s.TimedStep(ctx, func(tx pgx.Tx) error {
		rows, err := tx.Query(ctx, "SELECT "+columns+` FROM bookings WHERE status = 'pending_payment' AND expires_at <= clock_timestamp()
			ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED`, limit)
		if err != nil {
			return err
		}
		due, err := pgx.CollectRows(rows, scan)
		if err != nil {
			return err
		}
		ended = ended[:0]
		for _, b := range due {
			if b, ok := b.Cancel(booking.Expired); ok {
				ended = append(ended, b)
			}
		}
		return end(ctx, tx, ended)
	})
	if err != nil {
		return nil, err
	}
	observeExpiry(ended)
	if len(ended) > 0 {
		s.waiting.Ring()
	}
	return ended, nil
}

// end stores cancelled bookings with what gives their seats back.
func end(ctx context.Context, tx pgx.Tx, bookings []booking.Booking) error {
	if err := update(ctx, tx, bookings); err != nil {
		return err
	}
	var releases []message.BookingExpiredReleaseTickets
	for _, b := range bookings {
		if m, ok := b.Release(); ok {
			releases = append(releases, m)
		}
	}
	return release(ctx, tx, releases)
}
