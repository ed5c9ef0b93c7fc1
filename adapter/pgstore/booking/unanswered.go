package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.UnansweredBookings = (*Store)(nil)

// A request is sent again after resendAfter, then after twice as long each
// time, up to resendMost.
const (
	resendAfter = 10 * time.Second
	resendMost  = 5 * time.Minute
)

// ClaimUnanswered takes what is due and sets its next time.
func (s *Store) ClaimUnanswered(ctx context.Context, limit int) ([]booking.Booking, error) {
	rows, err := s.Timers.Query(ctx, `UPDATE bookings SET resends = resends + 1,
			resend_at = now() + least($2 * 2 ^ least(resends + 1, 20), $3) * interval '1 second'
		WHERE id IN (SELECT id FROM bookings WHERE status = 'processing' AND resend_at <= now() ORDER BY resend_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING `+columns, limit, resendAfter.Seconds(), resendMost.Seconds())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// AllDue makes all that is PROCESSING due.
func (s *Store) AllDue(ctx context.Context) error {
	_, err := s.Timers.Exec(ctx, "UPDATE bookings SET resend_at = now() WHERE status = 'processing' AND resend_at > now()")
	return err
}
