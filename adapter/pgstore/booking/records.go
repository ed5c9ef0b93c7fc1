package booking

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.BookingRecords = (*Store)(nil)

// AllBookings reads every booking.
func (s *Store) AllBookings(ctx context.Context) ([]booking.Booking, error) {
	rows, err := s.Batches.Query(ctx, "SELECT "+columns+" FROM bookings")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// KeysUsedTwice counts idempotency keys with more than one booking. The unique
// index allows none.
func (s *Store) KeysUsedTwice(ctx context.Context) (n int, err error) {
	err = s.Batches.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM bookings WHERE idempotency_key IS NOT NULL
		GROUP BY buyer_id, idempotency_key HAVING count(*) > 1) x`).Scan(&n)
	return n, err
}

// AllPayments reads every attempt to pay.
func (s *Store) AllPayments(ctx context.Context) ([]booking.Payment, error) {
	rows, err := s.Batches.Query(ctx, "SELECT "+paymentColumns+" FROM payments")
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scanPayment)
}
