package cluster_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// Two servers of each service: a buyer's stream on one server shows a payment
// made on the other, and both have the same map.
func TestTwoServers(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--servers", "2")
	seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
	event := seller.CreateHall(5, 10)
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	one, two := buyer, buyer
	one.At, two.At = in.ServiceURL("booking-service"), in.ServiceURL("booking-service-2")
	settled := one.Watch(ctx)
	for n := range 10 {
		b := two.Book(map[string]any{"event_id": event, "section": string(rune('A' + n%2)), "seat_selection_mode": "best_available", "quantity": 2})
		e2e.Wait(t, settled, b.ID, "pending_payment")
		two.OK("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
		e2e.Wait(t, settled, b.ID, "paid")
	}
	in.Verify() // checks RocksDB and the map of both servers

	for _, part := range []string{"seat-reservation-service", "booking-service-2", "event-ticketing-service"} {
		in.Kill(part)
		b := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
		if got := buyer.Answered(b.ID); got.Status != "pending_payment" {
			t.Errorf("after the end of %s: %+v", part, got)
		}
	}
	in.Verify()
}

// A third server of each service joins and leaves under load, by SIGTERM and by
// SIGKILL.
func TestThirdServer(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Apache, "--servers", "2", "--payment-window", "5s")
	event := in.Register("seller", "seller@example.com").CreateEvent("Third")
	people := in.Minted(40)
	load := in.Load(event, people, 1, e2e.Thinks)
	for _, service := range []string{"seat-reservation-service", "booking-service", "event-ticketing-service"} {
		for _, how := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
			third := in.StartServer(service, "s3")
			in.Eventually("the third "+service+" is ready", time.Minute, third.Ready)
			if service == "seat-reservation-service" {
				in.Eventually("it owns partitions", time.Minute, func() bool { return third.Owned() > 0 })
			}
			third.End(how)
			people[0].PaysEverywhere(event, fmt.Sprintf("third-%s-%d", service, how))
		}
	}
	in.Eventually("the other two own all ten partitions", time.Minute, func() bool {
		return in.Metric("seat-reservation-service", "onsale_seat_partitions_owned")+in.Metric("seat-reservation-service-2", "onsale_seat_partitions_owned") == 10
	})
	load.End()
	in.Resolved(load.Told)
	in.Verify()
}

// F6: two servers with the same --server-id compete for one membership. The log
// says so, and no seat is sold twice.
func TestF6_OneNameTwice(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Apache, "--payment-window", "5s")
	event := in.Register("seller", "seller@example.com").CreateEvent("One name")
	people := in.Minted(20)
	load := in.Load(event, people, 1, e2e.Thinks)
	load.Begun(in)
	double := in.StartServer("seat-reservation-service", "s1")
	in.Eventually("one of them says so", time.Minute, func() bool {
		first, _ := os.ReadFile(filepath.Join(in.Data, "logs", "seat-reservation-service.log"))
		return bytes.Contains(append(first, double.Log()...), []byte("needs a --server-id of its own"))
	})
	double.End(syscall.SIGTERM)
	people[0].PaysEverywhere(event, "one-name")
	load.End()
	in.Resolved(load.Told)
	in.Verify()
}
