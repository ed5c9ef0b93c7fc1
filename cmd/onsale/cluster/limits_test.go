package cluster_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// withoutRoom returns how many events the brokers refuse.
func withoutRoom(in *e2e.Installation) float64 {
	in.T.Helper()
	return in.Metric("event-ticketing-service", "onsale_events_without_room")
}

// A broker that has room for two events: the third one is refused, and sells as soon as
// there is room. Nothing dies, and the others sell.
func TestF50_TooManyEvents(t *testing.T) {
	t.Parallel()
	in := e2e.StartWith(t, e2e.Config{Broker: e2e.Embedded, Args: []string{"--no-demo"}, Env: []string{"ONSALE_BROKER_MOST_PARTITIONS=250"}, Binaries: e2e.Binaries})
	seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
	var events []int64
	for range 3 {
		events = append(events, seller.CreateHall(5, 10))
	}
	wish := func(event int64) map[string]any {
		return map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}
	}
	sells := func(events ...int64) {
		t.Helper()
		for _, event := range events {
			if got := buyer.Answered(buyer.Book(wish(event)).ID); got.Status != "pending_payment" {
				t.Errorf("a booking of event %d: %+v", event, got)
			}
		}
	}
	sells(events[:2]...)

	early := buyer.Book(wish(events[2]))
	in.Eventually("bookings of the third event are refused", time.Minute, func() bool {
		status, body := buyer.Call("POST", "/v1/bookings", wish(events[2]))
		var p e2e.Problem
		return status == http.StatusServiceUnavailable && json.Unmarshal(body, &p) == nil && p.Code == "too_many_events"
	})
	if n := withoutRoom(in); n != 1 {
		t.Errorf("%v events are without room", n)
	}
	if log := in.Log("event-ticketing-service"); !strings.Contains(log, "204 of at most 250 partitions") {
		t.Error("the figure is not in the log")
	}
	sells(events[:2]...)
	in.Kill("event-ticketing-service")
	in.Eventually("the restarted service knows that there is no room", time.Minute, func() bool { return withoutRoom(in) == 1 })
	sells(events[:2]...)
	if got := buyer.Booking(early.ID); got.Status != "processing" {
		t.Errorf("the booking of an event without topics: %+v", got)
	}

	in.Down()
	in.Setenv("ONSALE_BROKER_MOST_PARTITIONS=0")
	in.Up()
	if got := buyer.Answered(early.ID); got.Status != "pending_payment" {
		t.Errorf("the booking from before there was room: %+v", got)
	}
	sells(events...)
	in.Verify()
}
