package faults_test

import (
	"context"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// F15: Redis is paused, and comes back empty. No booking is cancelled early, and
// every expired one is cancelled.
func TestF15_WithoutRedis(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--payment-window", "4s")
	event := in.Register("seller", "seller@example.com").CreateEvent("Redis")
	buyer := in.Minted(1)[0]
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	book := func(n int) []e2e.Booking {
		var held []e2e.Booking
		for i := range n {
			b := buyer.Book(map[string]any{"event_id": event, "section": string(rune('A' + i%10)), "seat_selection_mode": "best_available", "quantity": 1})
			held = append(held, buyer.Answered(b.ID))
		}
		return held
	}
	kept := func(what string, held []e2e.Booking) {
		t.Helper()
		for _, b := range held {
			var ends time.Time
			in.Eventually("a booking ends ("+what+")", 30*time.Second, func() bool {
				now := buyer.Booking(b.ID)
				if now.Status == "pending_payment" {
					return false
				}
				ends = time.Now()
				deadline, err := time.Parse(time.RFC3339Nano, now.ExpiresAt)
				if err != nil || ends.Before(deadline) {
					t.Errorf("%s: cancelled before %s (%v)", what, now.ExpiresAt, err)
				}
				return now.Status == "cancelled"
			})
		}
	}
	pid := in.PID("redis")
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil { // pause
		t.Fatal(err)
	}
	settled := buyer.Watch(ctx)
	held := book(5)
	e2e.Wait(t, settled, held[0].ID, "cancelled") // meanwhile, streams read PostgreSQL
	kept("paused", held)
	if os.Getenv("ONSALE_LONG_TESTS") != "" { // for a whole minute
		for began := time.Now(); time.Since(began) < time.Minute; {
			kept("paused", book(10))
		}
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	held = book(5)
	in.Kill("redis") // it comes back empty
	kept("flushed", held)
	in.Verify()
}
