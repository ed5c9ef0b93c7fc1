package booking

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/onsale-tickets/onsale/domain/booking"
)

var expiryDelay = promauto.NewHistogram(prometheus.HistogramOpts{Name: "onsale_expiry_delay_seconds",
	Help: "From the deadline of a booking to its end.", Buckets: []float64{.1, .25, .5, 1, 2, 5, 10, 30, 60, 300}})

// observeExpiry shows how late bookings were ended.
func observeExpiry(ended []booking.Booking) {
	for _, b := range ended {
		expiryDelay.Observe(max(time.Since(b.ExpiresAt), 0).Seconds())
	}
}

// OutboxAge tells how long the oldest message waits, 0 if none does.
func (s *Store) OutboxAge(ctx context.Context) (time.Duration, error) {
	return s.OldestOutgoing(ctx, "created_at")
}

// OpenBookings counts the bookings that wait for seats or for their buyer.
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
