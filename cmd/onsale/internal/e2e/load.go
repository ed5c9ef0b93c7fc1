package e2e

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// Seed returns the seed in ONSALE_SEED, or a new one, and logs it.
func Seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if given := os.Getenv("ONSALE_SEED"); given != "" {
		var err error
		if n, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("ONSALE_SEED: %v", err)
		}
	}
	t.Logf("ONSALE_SEED=%d", n)
	return n
}

// Acknowledged is a booking that was answered with 200. told is the final state
// that its buyer was told, if any.
type Acknowledged struct {
	buyer    Person
	id, told string
}

// visit books, then pays, cancels, or leaves the booking to expire.
func (p Person) visit(event int64, key string, r *rand.Rand) Acknowledged {
	none := Acknowledged{}
	status, body := p.Stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + r.IntN(10))),
		"seat_selection_mode": "best_available", "quantity": 1 + r.IntN(4)}, key)
	if status != http.StatusOK {
		p.In.T.Errorf("book: %d %s", status, body)
		return none
	}
	var b Booking
	Decode(p.In.T, body, &b)
	is := Acknowledged{buyer: p, id: b.ID}
	path, ask, want := "/v1/bookings/"+b.ID+"/payment", any(map[string]any{"payment_token": "tok_ok"}), "paid"
	switch r.IntN(3) {
	case 0:
		return is
	case 1:
		path, ask, want = "/v1/bookings/"+b.ID+"/cancellation", nil, "cancelled"
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		status, body = p.Stubborn("POST", path, ask, "")
		switch {
		case status == http.StatusOK, bytes.Contains(body, []byte("already_paid")), want == "cancelled" && bytes.Contains(body, []byte("booking_cancelled")):
			is.told = want
			return is
		case bytes.Contains(body, []byte("booking_processing")):
			time.Sleep(50 * time.Millisecond) // the seats are not chosen yet
		case slices.ContainsFunc([]string{"payment_window_over", "booking_cancelled", "booking_failed"}, func(code string) bool { return bytes.Contains(body, []byte(code)) }):
			return is // expired or sold out
		default:
			p.In.T.Errorf("%s: %d %s", path, status, body)
			return is
		}
	}
	p.In.T.Errorf("booking %s has no seats within 2 min", b.ID)
	return is
}

// SellsEverywhere books a seat in each of the ten sections. Each must have its answer
// 30 s after the last was accepted: a machine that has other work may accept slowly.
// key makes the bookings' idempotency keys.
func (in *Installation) SellsEverywhere(p Person, event int64, key string) {
	in.T.Helper()
	began := time.Now()
	var asked []string
	for n := range 10 {
		status, body := p.Stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + n)),
			"seat_selection_mode": "best_available", "quantity": 1}, fmt.Sprintf("%s-%d", key, n))
		if status != http.StatusOK {
			in.T.Errorf("book: %d %s", status, body)
			return
		}
		var b Booking
		Decode(in.T, body, &b)
		asked = append(asked, b.ID)
	}
	accepted := time.Now()
	for n, id := range asked {
		in.Eventually(fmt.Sprintf("a booking in section %c within 30 s", 'A'+n), 30*time.Second-time.Since(accepted), func() bool {
			now := p.Booking(id)
			return now.Status == "pending_payment" || now.FailureReason == "sold_out"
		})
	}
	in.T.Logf("each section sells %.1f s after the last fault", time.Since(began).Seconds())
}

// Resolved waits until each booking is in a final state. It must be the one that
// its buyer was told.
func (in *Installation) Resolved(told <-chan Acknowledged) {
	in.T.Helper()
	seen, became := map[string]bool{}, map[string]int{}
	for a := range told {
		if a.id == "" {
			continue
		}
		if seen[a.id] {
			in.T.Errorf("booking %s was Acknowledged to two", a.id)
		}
		seen[a.id] = true
		var b Booking
		in.Eventually("booking "+a.id+" is resolved", 60*time.Second, func() bool {
			b = a.buyer.Booking(a.id)
			return b.Status == "paid" || b.Status == "cancelled" || b.Status == "failed"
		})
		if a.told != "" && b.Status != a.told {
			in.T.Errorf("booking %s is %s, its buyer was told %s", a.id, b.Status, a.told)
		}
		became[b.Status]++
	}
	in.T.Logf("%d bookings: %v", len(seen), became)
}

// Load is a group of buyers who book, pay, cancel and let bookings expire until
// End.
type Load struct {
	Told chan Acknowledged
	stop context.CancelFunc
	all  *sync.WaitGroup
}

// Thinks is the longest time of a buyer between two bookings.
const Thinks = 2 * time.Second

// Load starts the buyers. seed decides what they do.
func (in *Installation) Load(event int64, people []Person, seed uint64, thinks time.Duration) Load {
	ctx, stop := context.WithCancel(context.Background())
	l := Load{Told: make(chan Acknowledged, 1_000_000), stop: stop, all: &sync.WaitGroup{}}
	in.T.Cleanup(stop)
	for i, p := range people {
		l.all.Go(func() {
			r := rand.New(rand.NewPCG(seed, uint64(i)))
			for n := 0; ; n++ {
				select {
				case <-ctx.Done():
					return
				case <-time.After(time.Duration(r.Int64N(int64(thinks)))): // between two bookings
				}
				l.Told <- p.visit(event, fmt.Sprintf("%d-%d-%d", seed, i, n), r)
			}
		})
	}
	return l
}

// Begun waits until some bookings were made.
func (l Load) Begun(in *Installation) {
	in.T.Helper()
	in.Eventually("the first buyers were there", time.Minute, func() bool { return len(l.Told) > 20 })
}

// End stops the buyers and waits until their requests are answered.
func (l Load) End() {
	l.stop()
	l.all.Wait()
	close(l.Told)
}

// PaysEverywhere books and pays a seat in each of the ten sections.
func (p Person) PaysEverywhere(event int64, key string) {
	p.In.T.Helper()
	for n := range 10 {
		status, body := p.Stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + n)),
			"seat_selection_mode": "best_available", "quantity": 1}, fmt.Sprintf("%s-%d", key, n))
		if status != http.StatusOK {
			p.In.T.Errorf("book: %d %s", status, body)
			return
		}
		var b Booking
		Decode(p.In.T, body, &b)
		if p.Answered(b.ID).Status != "pending_payment" {
			p.In.T.Errorf("section %c: %+v", 'A'+n, p.Booking(b.ID))
			continue
		}
		if status, body := p.Stubborn("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, ""); status != http.StatusOK {
			p.In.T.Errorf("pay: %d %s", status, body)
		}
	}
}
