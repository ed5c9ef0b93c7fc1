package booking_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
)

// Payments concluded per second, 16 at a time.
func BenchmarkConclude(b *testing.B) {
	s, err := store.Open(b.Context(), teststores.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	ctx := context.Background()
	for _, sql := range []string{`INSERT INTO bookings (id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency,
			status, seats, hold, failure, cancellation, created_at, expires_at, revision, resend_at)
		SELECT lpad(to_hex(i), 32, '0')::uuid, 7, 42, 'A', 0, 'best_available', '{}', 1, true, 100, 'EUR', 'pending_payment', '{A-1-1-1}', i + 1, '', '', now(),
			now() + interval '1 hour', 2, now() FROM generate_series(0, 20000) i`,
		`INSERT INTO payments (id, booking_id, amount, currency, status) SELECT id, id, 100, 'EUR', 'authorised' FROM bookings`} {
		if _, err := s.Batches.Exec(ctx, sql); err != nil {
			b.Fatal(err)
		}
	}
	var next atomic.Int64
	b.ResetTimer()
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for n := next.Add(1) - 1; n < int64(b.N) && n < 20000; n = next.Add(1) - 1 {
				if _, err := conclude(ctx, s, paymentID(int(n))); err != nil {
					b.Error(err)
				}
			}
		})
	}
	all.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "payments/s")
}
