package api_test

import (
	"context"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// BenchmarkPostToPending measures one buyer at a time, from POST until the stream
// says pending_payment, at the service's own port.
func BenchmarkPostToPending(b *testing.B) {
	in := e2e.Start(b, e2e.Embedded)
	seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
	event := seller.CreateEvent("Bench")
	buyer.At = in.ServiceURL("booking-service")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	settled := buyer.Watch(ctx)
	once := func(n int) time.Duration {
		began := time.Now()
		booked := buyer.Book(map[string]any{"event_id": event, "section": string(rune('A' + n%10)), "seat_selection_mode": "best_available", "quantity": 2})
		e2e.Wait(b, settled, booked.ID, "pending_payment")
		return time.Since(began)
	}
	for n := range 20 {
		once(n) // wait until consumers have joined and pools are filled
	}
	var took []time.Duration
	for n := 0; b.Loop(); n++ {
		time.Sleep(60 * time.Millisecond) // a stream sends at most 20 frames a second; this pause is not measured
		took = append(took, once(n))
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(0, "ns/op")
}

// Benchmark64Clients measures 2,000 bookings by 64 clients, each of which sends
// one request at a time, until the last has its answer.
func Benchmark64Clients(b *testing.B) {
	in := e2e.Start(b, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateEvent("Bench")
	const clients, bookings = 64, 2000
	people := make([]e2e.Person, clients)
	for i := range people {
		people[i] = in.Register("buyer", "buyer"+strconv.Itoa(i)+"@example.com")
		people[i].At = in.ServiceURL("booking-service")
	}
	for b.Loop() {
		began := time.Now()
		var all errgroup.Group
		for i, p := range people {
			all.Go(func() error {
				var last e2e.Booking
				for n := i; n < bookings; n += clients {
					last = p.Book(map[string]any{"event_id": event, "section": string(rune('A' + n%10)), "seat_selection_mode": "best_available", "quantity": 2})
				}
				for p.Booking(last.ID).Status == "processing" {
					time.Sleep(5 * time.Millisecond)
				}
				return nil
			})
		}
		_ = all.Wait()
		b.ReportMetric(bookings/time.Since(began).Seconds(), "bookings/s")
	}
	b.ReportMetric(0, "ns/op")
	in.Verify()
}
