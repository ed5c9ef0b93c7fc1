package cluster_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

var services = []string{"booking-service", "seat-reservation-service", "event-ticketing-service"}

// asleep waits until no service is in the group of any event.
func asleep(in *e2e.Installation) {
	in.T.Helper()
	in.Eventually("all events sleep", 2*time.Minute, func() bool { return awake(in) == 0 })
}

// awake returns the sum over the services of the events that are awake in each.
func awake(in *e2e.Installation) (sum float64) {
	for _, service := range services {
		sum += in.Metric(service, "onsale_events_awake")
	}
	return sum
}

// An event that nobody needs falls asleep, is looked at in its sleep, and wakes for a
// booking.
func TestEventsFallAsleepAndWake(t *testing.T) {
	t.Parallel()
	e2e.OnEach(t, func(t *testing.T, on e2e.Broker) {
		t.Parallel()
		in := e2e.Start(t, on, "--sleep-after", "15s", "--payment-window", "5s")
		seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
		event := seller.CreateHall(5, 10)
		quiet := seller.CreateHall(5, 10)
		wish := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}
		pay := func(id string) {
			buyer.OK("POST", "/v1/bookings/"+id+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
		}
		b := buyer.Book(wish)
		buyer.Answered(b.ID)
		pay(b.ID)
		expires := buyer.Book(wish)
		buyer.Answered(expires.ID)

		asleep(in)
		if got := buyer.Booking(expires.ID); got.Status != "cancelled" {
			t.Errorf("an event sleeps while its booking is %s", got.Status)
		}
		var seats struct {
			Seats []struct {
				Status string `json:"status"`
			} `json:"seats"`
		}
		in.Eventually("the seats of a sleeping event are shown", time.Minute, func() bool {
			status, body := buyer.Call("GET", fmt.Sprintf("/v1/events/%d/seats?section=A&subsection=1", event), nil)
			return status == http.StatusOK && json.Unmarshal(body, &seats) == nil
		})
		sold := 0
		for _, s := range seats.Seats {
			if s.Status == "sold" {
				sold++
			}
		}
		if sold != 2 {
			t.Errorf("%d seats are sold while the event sleeps", sold)
		}
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		seen := buyer.WatchMap(ctx, event, "")
		if n := awake(in); n != 0 {
			t.Errorf("looking has woken %v events", n)
		}

		began := time.Now()
		b = buyer.Book(wish)
		if got := buyer.Answered(b.ID); got.Status != "pending_payment" {
			t.Errorf("a booking of a sleeping event: %+v", got)
		}
		t.Logf("a booking of a sleeping event was pending after %s", time.Since(began).Round(time.Millisecond))
		if n := awake(in); n != 3 {
			t.Errorf("%v members are awake, of one event in three services", n)
		}
		in.Eventually("the map shows the seats of the event that woke", 20*time.Second, func() bool { return seen.Status(buyer.Booking(b.ID).Seats[0]) != "available" })
		pay(b.ID)
		cancel()

		asleep(in)
		in.Down()
		in.Up()
		if n := awake(in); n != 0 {
			t.Errorf("%v events woke at the start", n)
		}
		for _, part := range services {
			in.Kill(part)
			for _, id := range []int64{event, quiet} {
				wish["event_id"] = id
				b := buyer.Book(wish)
				if got := buyer.Answered(b.ID); got.Status != "pending_payment" {
					t.Errorf("after the end of %s: %+v", part, got)
				}
			}
		}
		in.Verify()
		asleep(in)
		in.Verify()
	})
}
