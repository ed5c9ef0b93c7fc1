package main_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"syscall"
	"testing"
	"time"
)

// stubborn sends a request until it has an answer that is none of a fault on
// the way: a booking has a key, so that a repeat is the same one.
func (p person) stubborn(method, path string, in any, key string) (int, []byte) {
	encoded, err := json.Marshal(in)
	if err != nil {
		p.in.t.Error(err)
		return 0, nil
	}
	for end := time.Now().Add(2 * time.Minute); ; {
		req, err := http.NewRequest(method, p.url(path), bytes.NewReader(encoded))
		if err != nil {
			p.in.t.Error(err)
			return 0, nil
		}
		if key != "" {
			req.Header.Set("Idempotency-Key", key)
		}
		status, _, body, err := p.do(req)
		if err == nil && status != http.StatusServiceUnavailable && status != http.StatusGatewayTimeout {
			return status, body
		}
		if time.Now().After(end) {
			p.in.t.Errorf("%s %s: no answer within 2 min: %d %s %v", method, path, status, body, err)
			return status, body
		}
		time.Sleep(100 * time.Millisecond) // a client's pause, not the test's
	}
}

// live books, then pays, cancels or leaves it, whatever happens to the
// installation. It answers the booking and what became of it as far as it was
// told.
func (p person) live(event int64, n int, r *rand.Rand) (id, told string) {
	status, body := p.stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + n%10)),
		"seat_selection_mode": "best_available", "quantity": 1 + n%4}, fmt.Sprintf("key-%d", n))
	if status != http.StatusOK {
		p.in.t.Errorf("book: %d %s", status, body)
		return "", ""
	}
	var b booking
	decode(p.in.t, body, &b)
	switch r.IntN(3) {
	case 0:
		return b.ID, "" // left alone
	case 1:
		if status, body = p.stubborn("POST", "/v1/bookings/"+b.ID+"/cancellation", nil, ""); status != 200 && !bytes.Contains(body, []byte("booking_cancelled")) {
			p.in.t.Errorf("cancel: %d %s", status, body)
		}
		return b.ID, "cancelled"
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		status, body = p.stubborn("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, "")
		switch {
		case status == 200 || bytes.Contains(body, []byte("already_paid")):
			return b.ID, "paid"
		case bytes.Contains(body, []byte("booking_processing")):
			time.Sleep(50 * time.Millisecond) // a buyer waits for the seats
		default:
			p.in.t.Errorf("pay: %d %s", status, body)
			return b.ID, ""
		}
	}
	p.in.t.Errorf("booking %s has no seats within 2 min", b.ID)
	return b.ID, ""
}

// kill ends a part by force and waits until the supervisor has another.
func (in *installation) kill(name string) {
	in.t.Helper()
	in.end(name, syscall.SIGKILL)
}

// end sends a signal to a part and waits until the supervisor has another.
func (in *installation) end(name string, signal syscall.Signal) {
	in.t.Helper()
	before := in.pid(name)
	if err := syscall.Kill(before, signal); err != nil {
		in.t.Errorf("%s to %s (%d): %v", signal, name, before, err)
	}
	in.eventually(name+" is started again", 60*time.Second, func() bool {
		pid := in.pid(name)
		return pid != 0 && pid != before
	})
}

var parts = []string{"booking-service", "seat-reservation-service", "event-ticketing-service", "postgres", "redis", "broker"}

// Each part is killed while 200 buyers book, pay and cancel: every
// acknowledged booking and payment is resolved afterwards.
func TestF27_EachPartKilled(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller := in.register("seller", "seller@example.com")
	event := seller.createEvent("Killed")
	buyer := in.register("buyer", "buyer@example.com")
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
					time.Sleep(time.Duration(r.IntN(2000)) * time.Millisecond) // buyers do not come at once
					id, told := buyer.live(event, round*buyers+n, r)
					arrived <- struct{}{}
					outcomes <- [2]string{id, told}
				})
			}
			for range buyers / 4 {
				<-arrived
			}
			in.kill(part)
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
				in.eventually("booking "+o[0]+" is resolved", 60*time.Second, func() bool {
					b := buyer.booking(o[0])
					return b.Status != "" && b.Status != "processing" && (o[1] == "" || b.Status == o[1])
				})
			}
			in.verify()
		})
		if t.Failed() {
			return
		}
	}
}
