package booking

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/onsale-tickets/onsale/domain/booking"
)

var expiryDelay = promauto.NewHistogram(prometheus.HistogramOpts{Name: "onsale_expiry_delay_seconds",
	Help: "Time from the deadline of a booking until it was cancelled.", Buckets: []float64{.1, .25, .5, 1, 2, 5, 10, 30, 60, 300}})

// observeExpiry records how late bookings were ended, now being PostgreSQL's time.
func observeExpiry(ended []booking.Booking, now time.Time) {
	for _, b := range ended {
		expiryDelay.Observe(max(now.Sub(b.ExpiresAt), 0).Seconds())
	}
}

// OutboxAge returns how long the oldest message has waited, 0 if there is none.
func (s *Store) OutboxAge(ctx context.Context) (time.Duration, error) {
	return s.OldestOutgoing(ctx, "created_at")
}

// OpenBookings counts the bookings that wait for seats or for a payment.
func (s *Store) OpenBookings(ctx context.Context) (map[string]int, error) {
	counts := map[string]int{}
	for _, status := range []booking.Status{booking.Processing, booking.PendingPayment} {
		n, err := s.Reads.NewSelect().Table("bookings").Where("status = ?", string(status)).Count(ctx)
		if err != nil {
			return nil, err
		}
		counts[string(status)] = int(n)
	}
	return counts, nil
}
