package booking_test

import (
	"context"
	"crypto/rand"
	"log/slog"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/wire/booking"
	"github.com/onsale-tickets/onsale/wire/process"
)

const limit = 30 * time.Second

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// serve runs the service without Redis until the test ends, on a database of its own.
func serve(t *testing.T) *store.Store {
	t.Helper()
	broker, err := embeddedbroker.Start(t.TempDir(), 0)
	check(t, err)
	t.Cleanup(broker.Close)
	url := teststores.Postgres(t)
	t.Setenv("ONSALE_POSTGRES_URL", url)
	t.Setenv("ONSALE_SESSION_KEY", rand.Text()+rand.Text())
	service, release, err := booking.New(t.Context(), booking.Settings{
		Server:    process.Server{HTTPAddr: "127.0.0.1:0", OpsAddr: "127.0.0.1:0", Kafka: process.Kafka{KafkaBrokers: broker.Addr(), KafkaReplicas: 1}, ServerID: "s1"},
		RedisAddr: "127.0.0.1:1", PaymentWindow: 15 * time.Minute, GatewayDir: t.TempDir(),
	}, slog.New(slog.NewTextHandler(t.Output(), nil)))
	check(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- service.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		release()
	})
	s, err := store.Open(t.Context(), url)
	check(t, err)
	t.Cleanup(s.Close)
	return s
}

// PostgreSQL's clock ends payment windows. A booking whose time is over is cancelled
// although there is no Redis. It has no seats here, so no message follows.
func TestF15_BookingsExpireWithoutRedis(t *testing.T) {
	s := serve(t)
	over, open := domain.BookingID{15: 1}, domain.BookingID{15: 2}
	_, err := s.Batches.Exec(t.Context(), `INSERT INTO bookings (id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency,
			status, seats, hold, failure, cancellation, created_at, expires_at, revision, resend_at)
		SELECT id, 7, 42, 'A', 0, 'best_available', '{}', 1, true, 100, 'EUR', 'pending_payment', '{}', 5, '', '', now(), now() + lasts, 2, now()
		FROM (VALUES ($1::uuid, interval '-1 second'), ($2, interval '1 hour')) AS b (id, lasts)`, [16]byte(over), [16]byte(open))
	check(t, err)

	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); ; <-tick.C {
		b, err := s.Booking(t.Context(), over)
		check(t, err)
		if b.Status == rules.Cancelled && b.Cancellation == rules.Expired {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("the booking is %s after %s", b.Status, limit)
		}
	}

	if b, err := s.Booking(t.Context(), open); err != nil || b.Status != rules.PendingPayment {
		t.Errorf("a booking that has an hour left is %s (%v)", b.Status, err)
	}
}
