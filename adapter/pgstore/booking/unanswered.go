package booking

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.UnansweredBookings = (*Store)(nil)

// A request is sent again resendAfter after its booking was accepted, by the
// default of the column resend_at. Then the pause doubles, up to resendMost.
const (
	resendAfter = 10 * time.Second
	resendMost  = 5 * time.Minute
)

// ClaimUnanswered takes what is due and sets when it is due again. It reads the clock
// once, like ExpireDue.
func (s *Store) ClaimUnanswered(ctx context.Context, limit int) ([]booking.Booking, error) {
	rows, err := s.Timers.Query(ctx, `UPDATE bookings SET resends = resends + 1,
			resend_at = clock_timestamp() + least($2 * 2 ^ least(resends + 1, 20), $3) * interval '1 second'
		WHERE id IN (SELECT id FROM bookings WHERE status = 'processing' AND resend_at <= (SELECT clock_timestamp()) ORDER BY resend_at LIMIT $1 FOR UPDATE SKIP LOCKED)
		RETURNING `+columns, limit, resendAfter.Seconds(), resendMost.Seconds())
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, scan)
}

// AllDue makes every booking that is PROCESSING due.
func (s *Store) AllDue(ctx context.Context) error {
	_, err := s.Timers.Exec(ctx, "UPDATE bookings SET resend_at = clock_timestamp() WHERE status = 'processing' AND resend_at > clock_timestamp()")
	return err
}
