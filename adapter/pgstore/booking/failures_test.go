package booking_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/pgstore"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// A row that is committed after a row with a greater id is still published: rows
// are claimed, never read by "id greater than the last".
func TestF2_OutboxRowsThatCommitLate(t *testing.T) {
	s := open(t)
	ctx := t.Context()
	const insert = "INSERT INTO outbox (message, booking_id, event_id, section, seats, hold, reason) VALUES ('BookingExpiredReleaseTickets', $1, 7, 'A', '{A-1-1-1}', 5, 'x')"
	var claimed []string
	claim := func(want int) {
		t.Helper()
		n, err := s.Claim(ctx, 10, func(_ context.Context, envelopes []message.Envelope) error {
			for _, e := range envelopes {
				claimed = append(claimed, e.Body.(message.BookingExpiredReleaseTickets).BookingID.String())
			}
			return nil
		})
		if err != nil || n != want {
			t.Errorf("claimed %d, want %d (%v)", n, want, err)
		}
	}
	late, err := s.Batches.Begin(ctx)
	check(t, err)
	_, err = late.Exec(ctx, insert, [16]byte{1})
	check(t, err)
	_, err = s.Batches.Exec(ctx, insert, [16]byte{2}) // has the greater id
	check(t, err)

	claim(1)
	check(t, late.Commit(ctx))
	claim(1)
	if len(claimed) != 2 || claimed[0] == claimed[1] {
		t.Errorf("claimed %v", claimed)
	}
}

// A lock that is held for long exhausts the pool of batches. Buyers and timers
// do not wait for it.
func TestF33_LongLockAndExhaustedPool(t *testing.T) {
	s := open(t)
	accept(t, s, 1)
	accept(t, s, 2)
	ctx := t.Context()
	var holders sync.WaitGroup
	release := make(chan struct{})
	holding := make(chan error, 8)
	for range cap(holding) {
		holders.Go(func() {
			holding <- pgx.BeginFunc(ctx, s.Batches, func(tx pgx.Tx) error {
				_, err := tx.Exec(ctx, "SELECT 1 FROM bookings WHERE id = $1 FOR KEY SHARE", [16]byte(id(1)))
				holding <- err
				<-release
				return err
			})
		})
	}
	for range cap(holding) {
		check(t, <-holding)
	}
	limited, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if _, err := s.Booking(limited, id(1)); err != nil {
		t.Errorf("a buyer reads: %v", err)
	}
	if _, err := s.ExpireDue(limited, 10, booking.Booking.Expire); err != nil {
		t.Errorf("expiry: %v", err)
	}
	if _, err := s.ClaimUnanswered(limited, 10); err != nil {
		t.Errorf("requests sent again: %v", err)
	}
	if _, err := (store.Payments{Store: s}).ClaimDue(limited, 10); err != nil {
		t.Errorf("payments: %v", err)
	}
	close(release)
	holders.Wait()
}

// A server that was frozen in a transaction holds its rows for some seconds only.
// Then the server that took over goes on, and the transaction is rolled back.
func TestF20_FrozenInMidTransaction(t *testing.T) {
	t.Parallel()
	s := open(t)
	ctx := t.Context()
	input := port.Input{Cluster: "c", TopicID: "t", Partition: 3}
	_, err := s.Positions(ctx, []port.Input{input})
	check(t, err)
	frozen, err := s.Batches.Begin(ctx)
	check(t, err)
	_, err = frozen.Exec(ctx, "UPDATE input_offsets SET next_offset = 7")
	check(t, err)

	at, err := s.Positions(ctx, []port.Input{input})
	check(t, err)

	err = s.ShortStep(ctx, func(*pgx.Batch) {}, func(b *pgx.Batch) error { // it waits for the row
		pgstore.Advance(b, []port.Progress{{Input: input, From: at[input], To: at[input] + 1}})
		return nil
	})

	if err != nil {
		t.Errorf("the other server: %v", err)
	}
	if err := frozen.Commit(ctx); err == nil {
		t.Error("the frozen server's transaction was committed")
	}
}

// A step that fails stores nothing and lets its connection go without a transaction,
// whether it fails at a statement that reads, between the two round trips, or at one
// that writes.
func TestShortStepRollsBack(t *testing.T) {
	s := open(t)
	accept(t, s, 1)
	refused := errors.New("refused")
	hold := func(b *pgx.Batch) { b.Queue("UPDATE bookings SET hold = 7") }
	nonsense := func(b *pgx.Batch) { b.Queue("SELECT 1 / 0") }
	for name, step := range map[string]struct {
		read  func(*pgx.Batch)
		write func(*pgx.Batch) error
	}{
		"at a statement that reads":  {func(b *pgx.Batch) { hold(b); nonsense(b) }, func(*pgx.Batch) error { return nil }},
		"between":                    {hold, func(*pgx.Batch) error { return refused }},
		"at a statement that writes": {hold, func(b *pgx.Batch) error { nonsense(b); return nil }},
	} {
		t.Run(name, func(t *testing.T) {
			if err := s.ShortStep(t.Context(), step.read, step.write); err == nil {
				t.Error("no error")
			}

			if b, err := s.Booking(t.Context(), id(1)); err != nil || b.Hold != 0 {
				t.Errorf("hold %d, %v", b.Hold, err)
			}
			if stat := s.Batches.Stat(); stat.TotalConns() != 1 || stat.NewConnsCount() != 1 {
				t.Errorf("%d connections, %d were made", stat.TotalConns(), stat.NewConnsCount())
			}
		})
	}
	check(t, s.ShortStep(t.Context(), hold, func(*pgx.Batch) error { return nil }))
	if b, err := s.Booking(t.Context(), id(1)); err != nil || b.Hold != 7 {
		t.Errorf("hold %d, %v", b.Hold, err)
	}
}

// A value that PostgreSQL refuses for what it is (classes 22 and 23) is told from
// a database that is away.
func TestApplyReportsABadValue(t *testing.T) {
	s := open(t)
	accept(t, s, 1)
	fail := func(ctx context.Context, reason string) error {
		return s.Apply(ctx, nil, []domain.BookingID{id(1)}, func(_ time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
			b, _ := found[id(1)].Fail(reason)
			return port.BookingChanges{Bookings: []booking.Booking{b}}
		})
	}
	if err := fail(t.Context(), "sold\x00out"); !errors.Is(err, port.ErrBadValue) {
		t.Errorf("U+0000: %v", err)
	}
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	if err := fail(gone, "sold_out"); err == nil || errors.Is(err, port.ErrBadValue) {
		t.Errorf("no connection: %v", err)
	}
	if b, err := s.Booking(t.Context(), id(1)); err != nil || b.Status != booking.Processing {
		t.Errorf("%+v %v", b, err)
	}
}
