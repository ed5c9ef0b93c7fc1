package booking_test

import (
	"context"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// hold locks a row in a transaction of its own until release.
func hold(t *testing.T, s *store.Store, query string, args ...any) (release func()) {
	t.Helper()
	tx, err := s.Batches.Begin(t.Context())
	check(t, err)
	_, err = tx.Exec(t.Context(), query+" FOR UPDATE", args...)
	check(t, err)
	return func() { _ = tx.Rollback(context.Background()) }
}

// Two batches that lock the same bookings must do it in one order, or they wait for
// each other. A batch that waits for the first booking has no lock on the second.
func TestBookingsAreLockedInOrder(t *testing.T) {
	s := open(t)
	accept(t, s, 1)
	accept(t, s, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	release := hold(t, s, "SELECT 1 FROM bookings WHERE id = $1", [16]byte(id(1)))
	applied := make(chan error, 1)
	go func() {
		applied <- s.Apply(ctx, nil, []domain.BookingID{id(2), id(1)}, func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges {
			return port.BookingChanges{}
		})
	}()
	waits(t, ctx, s)

	_, err := s.Timers.Exec(ctx, "SELECT 1 FROM bookings WHERE id = $1 FOR UPDATE NOWAIT", [16]byte(id(2)))

	if err != nil {
		t.Errorf("the second booking is locked before the first: %v", err)
	}
	release()
	check(t, <-applied)
}

// waits blocks until a transaction of this database waits for a row.
func waits(t *testing.T, ctx context.Context, s *store.Store) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for ; ; <-tick.C {
		var waiting bool
		err := s.Timers.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FROM bookings WHERE id = ANY%'
			AND datname = current_database() AND pid <> pg_backend_pid())`).Scan(&waiting)
		check(t, err)
		if waiting {
			return
		}
	}
}
