package faults_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

func TestSeatReservationServiceKilled(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateEvent("Kill")
	buyer := in.Register("buyer", "buyer@example.com")

	const rounds, each = 3, 67
	accepted := make(chan string, rounds*each)
	var all sync.WaitGroup
	for round := range rounds {
		arrived := make(chan struct{}, each)
		for i := range each {
			all.Go(func() {
				b := buyer.Book(map[string]any{"event_id": event, "section": string(rune('A' + i%10)),
					"seat_selection_mode": "best_available", "quantity": 1 + i%4})
				if b.ID != "" {
					accepted <- b.ID
				}
				arrived <- struct{}{}
			})
		}
		for range each / 2 {
			<-arrived
		}
		before := in.PID("seat-reservation-service")
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatalf("kill %d: %v", round, err)
		}
		in.Eventually("the supervisor starts it again", 60*time.Second, func() bool {
			pid := in.PID("seat-reservation-service")
			return pid != 0 && pid != before
		})
	}
	all.Wait()
	close(accepted)

	for id := range accepted {
		in.Eventually("booking "+id+" has its answer", 90*time.Second, func() bool {
			return buyer.Booking(id).Status == "pending_payment"
		})
	}
	in.Verify()

	in.Down()
	if err := os.RemoveAll(filepath.Join(in.Data, "seats")); err != nil {
		t.Fatal(err)
	}
	in.Up()
	b := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
	in.Eventually("a booking on seats folded anew", 60*time.Second, func() bool {
		return buyer.Booking(b.ID).Status == "pending_payment"
	})
	in.Verify()
}

// live books, then pays, cancels or leaves the booking, whatever happens to the
// installation. It returns the booking and the state that the buyer was told, if
// any.
func live(p e2e.Person, event int64, n int, r *rand.Rand) (id, told string) {
	status, body := p.Stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + n%10)),
		"seat_selection_mode": "best_available", "quantity": 1 + n%4}, fmt.Sprintf("key-%d", n))
	if status != http.StatusOK {
		p.In.T.Errorf("book: %d %s", status, body)
		return "", ""
	}
	var b e2e.Booking
	e2e.Decode(p.In.T, body, &b)
	switch r.IntN(3) {
	case 0:
		return b.ID, "" // left to expire
	case 1:
		if status, body = p.Stubborn("POST", "/v1/bookings/"+b.ID+"/cancellation", nil, ""); status != 200 && !bytes.Contains(body, []byte("booking_cancelled")) {
			p.In.T.Errorf("cancel: %d %s", status, body)
		}
		return b.ID, "cancelled"
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		status, body = p.Stubborn("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, "")
		switch {
		case status == 200 || bytes.Contains(body, []byte("already_paid")):
			return b.ID, "paid"
		case bytes.Contains(body, []byte("booking_processing")):
			time.Sleep(50 * time.Millisecond) // the seats are not chosen yet
		default:
			p.In.T.Errorf("pay: %d %s", status, body)
			return b.ID, ""
		}
	}
	p.In.T.Errorf("booking %s has no seats within 2 min", b.ID)
	return b.ID, ""
}

var parts = []string{"booking-service", "seat-reservation-service", "event-ticketing-service", "postgres", "redis", "broker"}

// F27: each part is killed while 200 buyers book, pay and cancel. Every
// acknowledged booking and payment is resolved afterwards.
func TestF27_EachPartKilled(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateEvent("Killed")
	buyer := in.Register("buyer", "buyer@example.com")
	const buyers = 200
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	for round, part := range parts {
		t.Run(part, func(t *testing.T) {
			outcomes := make(chan [2]string, buyers)
			arrived := make(chan struct{}, buyers)
			var all sync.WaitGroup
			for n := range buyers {
				all.Go(func() {
					r := rand.New(rand.NewPCG(seed, uint64(round*buyers+n)))
					time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond) // buyers do not come all at once
					id, told := live(buyer, event, round*buyers+n, r)
					arrived <- struct{}{}
					outcomes <- [2]string{id, told}
				})
			}
			for range buyers / 4 {
				<-arrived
			}
			in.Kill(part)
			all.Wait()
			close(outcomes)
			seen := map[string]bool{}
			for o := range outcomes {
				if o[0] == "" {
					continue
				}
				if seen[o[0]] {
					t.Errorf("booking %s was acknowledged to two", o[0])
				}
				seen[o[0]] = true
				in.Eventually("booking "+o[0]+" is resolved", 60*time.Second, func() bool {
					b := buyer.Booking(o[0])
					return b.Status != "" && b.Status != "processing" && (o[1] == "" || b.Status == o[1])
				})
			}
			in.Verify()
		})
		if t.Failed() {
			return
		}
	}
}
