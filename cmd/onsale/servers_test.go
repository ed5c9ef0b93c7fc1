package main_test

import (
	"context"
	"testing"
	"time"
)

// Two servers of each service: a buyer's stream on one sees a payment made on
// the other, and both have the same map.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	in := newInstallation(t, "--servers", "2")
	seller, buyer := in.register("seller", "seller@example.com"), in.register("buyer", "buyer@example.com")
	event := seller.createHall(5, 10)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	one, two := buyer, buyer
	one.at, two.at = in.serviceURL("booking-service"), in.serviceURL("booking-service-2")
	settled := one.watch(ctx)
	for n := range 10 {
		b := two.book(map[string]any{"event_id": event, "section": string(rune('A' + n%2)), "seat_selection_mode": "best_available", "quantity": 2})
		wait(t, settled, b.ID, "pending_payment")
		two.ok("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
		wait(t, settled, b.ID, "paid")
	}
	in.verify() // RocksDB and the map of both servers, too

	for _, part := range []string{"seat-reservation-service", "booking-service-2", "event-ticketing-service"} {
		in.kill(part)
		b := buyer.book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
		if got := buyer.answered(b.ID); got.Status != "pending_payment" {
			t.Errorf("after the end of %s: %+v", part, got)
		}
	}
	in.verify()
}
