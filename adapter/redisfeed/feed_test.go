package redisfeed_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/rueidis"

	"github.com/onsale-tickets/onsale/adapter/redisfeed"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

// receiver records the changes that a server receives.
type receiver struct {
	mu       sync.Mutex
	received map[domain.BookingID]int64 // revisions
}

func (e *receiver) Changed(bookings []booking.Booking) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.received == nil {
		e.received = map[domain.BookingID]int64{}
	}
	for _, b := range bookings {
		e.received[b.ID] = b.Revision
	}
}

func (e *receiver) has(id domain.BookingID, revision int64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.received[id] == revision
}

func server(t *testing.T, addr string) (*redisfeed.Feed, *receiver) {
	t.Helper()
	e := &receiver{}
	f := redisfeed.New(addr, e, slog.New(slog.NewTextHandler(t.Output(), nil)))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = f.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-done })
	return f, e
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatal("not within 20 s: " + what)
		}
	}
}

func pending(n byte) booking.Booking {
	return booking.Booking{ID: domain.BookingID{15: n}, BuyerID: 7, Status: booking.PendingPayment, ExpiresAt: time.Now().Add(time.Minute), Revision: 2,
		Seats: []domain.SeatID{{Section: "A", Subsection: 1, Row: 1, Seat: 1}}}
}

func TestFeed(t *testing.T) {
	redis := teststores.NewRedis(t)
	here, _ := server(t, redis.Addr())
	there, received := server(t, redis.Addr())
	until(t, "both are connected", func() bool { return here.Complete() && there.Complete() })
	client, err := rueidis.NewClient(rueidis.ClientOption{InitAddress: []string{redis.Addr()}, DisableCache: true})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ttl := func(id domain.BookingID) int64 {
		n, err := client.Do(t.Context(), client.B().Pttl().Key(redisfeed.Key(id)).Build()).AsInt64()
		if err != nil {
			t.Error(err)
		}
		return n
	}

	b := pending(1)
	here.Changed([]booking.Booking{b})
	until(t, "the other server receives the change", func() bool { return received.has(b.ID, 2) })
	if left := ttl(b.ID); left < 50_000 || left > 60_000 {
		t.Errorf("the key lives for %d ms", left)
	}

	b.Status, b.Revision = booking.Paid, 3
	here.Changed([]booking.Booking{b})
	until(t, "the other server receives the second change", func() bool { return received.has(b.ID, 3) })
	if left := ttl(b.ID); left != -2 {
		t.Errorf("the key of a booking that is paid lives for %d ms", left)
	}

	t.Run("passes on all bookings of a group", func(t *testing.T) {
		here.Changed([]booking.Booking{pending(4), pending(5)})
		until(t, "the other server receives both", func() bool { return received.has(pending(4).ID, 2) && received.has(pending(5).ID, 2) })
	})
	t.Run("reads the messages of version 0.1.0", func(t *testing.T) {
		encoded, err := json.Marshal(pending(6))
		if err != nil {
			t.Fatal(err)
		}
		if err := client.Do(t.Context(), client.B().Publish().Channel("onsale:bookings").Message("origin "+string(encoded)).Build()).Error(); err != nil {
			t.Fatal(err)
		}
		until(t, "it is received", func() bool { return received.has(pending(6).ID, 2) })
	})
	t.Run("does not block while Redis is away, and reconnects", func(t *testing.T) {
		redis.Stop()
		until(t, "it is known to be away", func() bool { return !here.Complete() && !there.Complete() })
		began := time.Now()
		for range 10_000 {
			here.Changed([]booking.Booking{pending(2)})
		}
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("10,000 changes took %s", took)
		}
		redis.Start()
		until(t, "both are connected again", func() bool { return here.Complete() && there.Complete() })
		until(t, "the other server receives changes again", func() bool {
			here.Changed([]booking.Booking{pending(3)}) // dropped while what waits from before fills the queue
			return received.has(pending(3).ID, 2)
		})
	})
	t.Run("takes a paused Redis for away", func(t *testing.T) {
		if err := syscall.Kill(redis.PID(), syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		until(t, "it is known to be away", func() bool { return !here.Complete() })
		if err := syscall.Kill(redis.PID(), syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		until(t, "it is back", here.Complete)
	})
}
