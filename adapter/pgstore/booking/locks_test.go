package booking_test

import (
	"context"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
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

// Two servers work off what is due. Each passes over the row that the other has in
// hand, and takes the next one.
func TestRowsInHandDelayNoOthers(t *testing.T) {
	s := open(t)
	accept(t, s, 1)
	accept(t, s, 2)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for _, statement := range []string{
		"UPDATE bookings SET resend_at = now() - interval '1 minute'",
		"INSERT INTO payments (id, booking_id, amount, currency, status, due_at) SELECT id, id, 100, 'EUR', 'void_due', now() FROM bookings",
		"INSERT INTO outbox (message, booking_id, event_id, section, seats, hold, reason) SELECT 'BookingExpiredReleaseTickets', id, 7, 'A', '{A-1-1-1}', 5, 'x' FROM bookings ORDER BY id",
	} {
		_, err := s.Batches.Exec(ctx, statement)
		check(t, err)
	}
	first, second := [16]byte(id(1)), id(2)
	only := func(t *testing.T, ids []domain.BookingID, err error) {
		t.Helper()
		if err != nil || len(ids) != 1 || ids[0] != second {
			t.Errorf("got %v, want %s alone (%v)", ids, second, err)
		}
	}

	t.Run("payments", func(t *testing.T) {
		defer hold(t, s, "SELECT 1 FROM payments WHERE id = $1", first)()
		due, err := store.Payments{Store: s}.ClaimDue(ctx, 10)
		only(t, of(due, func(p booking.Payment) domain.BookingID { return p.BookingID }), err)
		if again, err := (store.Payments{Store: s}).ClaimDue(ctx, 10); err != nil || len(again) != 0 {
			t.Errorf("due again at once: %v %v", again, err)
		}
	})
	t.Run("requests without an answer", func(t *testing.T) {
		defer hold(t, s, "SELECT 1 FROM bookings WHERE id = $1", first)()
		due, err := s.ClaimUnanswered(ctx, 10)
		only(t, of(due, func(b booking.Booking) domain.BookingID { return b.ID }), err)
		if again, err := s.ClaimUnanswered(ctx, 10); err != nil || len(again) != 0 {
			t.Errorf("due again at once: %v %v", again, err)
		}
	})
	t.Run("messages", func(t *testing.T) {
		defer hold(t, s, "SELECT 1 FROM outbox WHERE booking_id = $1", first)()
		var sent []domain.BookingID
		_, err := s.Claim(ctx, 10, func(_ context.Context, envelopes []message.Envelope) error {
			sent = of(envelopes, func(e message.Envelope) domain.BookingID { return message.BookingOf(e.Body) })
			return nil
		})
		only(t, sent, err)
	})
	t.Run("bookings whose time is over", func(t *testing.T) {
		_, err := s.Batches.Exec(ctx, "UPDATE bookings SET status = 'pending_payment', expires_at = now() - interval '1 minute'")
		check(t, err)
		defer hold(t, s, "SELECT 1 FROM bookings WHERE id = $1", first)()
		ended, err := s.ExpireDue(ctx, 10)
		only(t, of(ended, func(b booking.Booking) domain.BookingID { return b.ID }), err)
	})
}

func of[T any](all []T, id func(T) domain.BookingID) []domain.BookingID {
	var ids []domain.BookingID
	for _, x := range all {
		ids = append(ids, id(x))
	}
	return ids
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
