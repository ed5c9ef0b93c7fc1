package cluster_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// Hundreds of events are on the books. Some were sold and sleep, most were never woken.
// All services start again. Events of both kinds sell, six at a time, and the others
// sleep on.
func TestManyEvents(t *testing.T) {
	t.Parallel()
	// A first wake costs 0.4 s of processor time, several times that with the race
	// detector: on two slow cores that other tests use too, sixty events took three
	// minutes, and two of them waited for more than two.
	sizes := map[e2e.Broker]struct{ onBooks, sold int }{e2e.Embedded: {300, 30}, e2e.Apache: {100, 10}}
	e2e.OnEach(t, func(t *testing.T, on e2e.Broker) {
		t.Parallel()
		e2e.Alone(t)
		in, size := e2e.Start(t, on, "--sleep-after", "15s"), sizes[on]
		seller, buyers := in.Register("seller", "seller@example.com"), in.Minted(6)
		events := make([]int64, size.onBooks)
		for i := range events {
			events[i] = seller.CreateHall(1, 5)
		}
		sellIn(t, buyers, events[:size.sold/5])
		began := time.Now()
		asleep(in)
		t.Logf("all asleep after %s", time.Since(began).Round(time.Millisecond))

		in.Down()
		began = time.Now()
		in.Up()
		t.Logf("up after %s", time.Since(began).Round(time.Millisecond))
		if n := awake(in); n != 0 {
			t.Errorf("%v events woke at the start", n)
		}
		sellIn(t, buyers, events[:size.sold])

		in.Verify()
		if n := in.Metric("event-ticketing-service", "onsale_events_awake"); n > float64(size.sold) {
			t.Errorf("%v events are awake, %d were booked", n, size.sold)
		}
	})
}

// sellIn lets each buyer buy in one event after the other, until all have sold.
func sellIn(t *testing.T, buyers []e2e.Person, events []int64) {
	t.Helper()
	began := time.Now()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	next := make(chan int64)
	var all sync.WaitGroup
	for _, buyer := range buyers {
		all.Go(func() {
			answers := buyer.Watch(ctx)
			for event := range next {
				b := buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 2})
				if status := answerOf(answers, b.ID); status != "pending_payment" {
					t.Errorf("event %d: the booking is %q", event, status)
					continue
				}
				if event%2 == 0 {
					buyer.OK("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
				} else {
					buyer.OK("POST", "/v1/bookings/"+b.ID+"/cancellation", nil, 200, nil)
				}
			}
		})
	}
	for _, event := range events {
		next <- event
	}
	close(next)
	all.Wait()
	t.Logf("%d events sold in %s", len(events), time.Since(began).Round(time.Millisecond))
}

// answerOf returns the status of a booking as its buyer is told, or nothing after two
// minutes. An event that first wakes waits for those that were woken before it.
func answerOf(answers <-chan e2e.Booking, id string) string {
	for limit := time.After(2 * time.Minute); ; {
		select {
		case b := <-answers:
			if b.ID == id {
				return b.Status
			}
		case <-limit:
			return ""
		}
	}
}
