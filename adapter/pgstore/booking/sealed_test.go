package booking_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// A booking that is accepted in the moment of the seal is either seen by Seal, or refused.
func TestF46_Seal(t *testing.T) {
	url := teststores.Postgres(t)
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	begin := func(t *testing.T) pgx.Tx {
		t.Helper()
		c, err := pgx.Connect(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close(context.Background()) })
		tx, err := c.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return tx
	}
	exec := func(t *testing.T, tx pgx.Tx, statement string) {
		t.Helper()
		if _, err := tx.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	waits := func(t *testing.T) {
		t.Helper()
		for limit := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			var n int
			if err := s.Reads.QueryRowContext(t.Context(), "SELECT count(*) FROM pg_locks WHERE NOT granted").Scan(&n); err != nil {
				t.Fatal(err)
			}
			if n > 0 {
				return
			}
			if time.Now().After(limit) {
				t.Fatal("nobody waits for a lock")
			}
		}
	}

	t.Run("waits for a booking that is not committed yet", func(t *testing.T) {
		tx := begin(t)
		exec(t, tx, `INSERT INTO bookings (id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency,
			status, seats, hold, failure, cancellation, created_at, revision) VALUES ('01000000-0000-0000-0000-0000000000ff', 7, 1, 'A', 0, 'best_available', '{}', 1, false,
			1, 'TWD', 'processing', '{}', 0, '', '', now(), 1)`)
		settled := make(chan bool, 1)
		go func() {
			is, err := s.Seal(context.Background(), 7)
			if err != nil {
				t.Error(err)
			}
			settled <- is
		}()
		waits(t)
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if <-settled {
			t.Error("sealed with a booking that is processing")
		}
	})
	t.Run("refuses a booking that waits for it", func(t *testing.T) {
		tx := begin(t)
		exec(t, tx, "LOCK TABLE sealed_events IN ACCESS EXCLUSIVE MODE")
		exec(t, tx, "INSERT INTO sealed_events (event_id) VALUES (8)")
		refused := make(chan error, 1)
		b := request(1)
		b.EventID = 8
		go func() {
			_, err := s.Accept(context.Background(), b, port.IdempotencyKey{})
			refused <- err
		}()
		waits(t)
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := <-refused; err != booking.ErrEventClosed {
			t.Errorf("%v", err)
		}
		if of, err := s.OfEvent(t.Context(), 8); err != nil || len(of) != 0 {
			t.Errorf("%v %v", of, err)
		}
	})
	t.Run("is alone after it, whoever books at the same time", func(t *testing.T) {
		const event = 9
		var numbers atomic.Int64
		numbers.Store(1000)
		var all sync.WaitGroup
		stop := make(chan struct{})
		for range 16 {
			all.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					b := request(int(numbers.Add(1)))
					b.EventID, b.BuyerID = event, 1
					if _, err := s.Accept(context.Background(), b, port.IdempotencyKey{}); err != nil {
						if err != booking.ErrEventClosed {
							t.Error(err)
						}
						return
					}
					if _, err := s.Cancel(context.Background(), b.ID, func(b booking.Booking) (booking.Change, error) {
						b.Status = booking.Failed
						return booking.Change{Booking: b}, nil
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		settled := false
		for limit := time.Now().Add(30 * time.Second); !settled && time.Now().Before(limit); {
			var err error
			if settled, err = s.Seal(t.Context(), event); err != nil {
				t.Fatal(err)
			}
		}
		if !settled {
			close(stop)
			all.Wait()
			t.Fatal("never settled")
		}
		sealed, err := s.OfEvent(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		all.Wait() // each has been refused
		after, err := s.OfEvent(t.Context(), event)
		if err != nil || len(after) != len(sealed) {
			t.Errorf("%d bookings after the seal, %d at it, %v", len(after), len(sealed), err)
		}
		open := map[domain.BookingID]bool{}
		for _, b := range sealed {
			open[b.ID] = !b.Status.Final()
		}
		for id, is := range open {
			if is {
				t.Errorf("booking %s was open at the seal", id)
			}
		}
	})
}
