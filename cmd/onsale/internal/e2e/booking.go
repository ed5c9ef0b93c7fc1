package e2e

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"
)

// Answered waits until a booking is no longer processing, and returns it.
func (p Person) Answered(id string) (b Booking) {
	p.In.T.Helper()
	p.In.Eventually("booking "+id+" has its answer", 60*time.Second, func() bool {
		b = p.Booking(id)
		return b.Status != "" && b.Status != "processing"
	})
	return b
}

// Booking has the fields of a booking that tests read.
type Booking struct {
	ID            string   `json:"id"`
	Status        string   `json:"status"`
	Seats         []string `json:"seats"`
	FailureReason string   `json:"failure_reason"`
	ExpiresAt     string   `json:"expires_at"`
}

// Book posts a booking, repeats it while the service is overloaded, and returns
// it as accepted.
func (p Person) Book(fields map[string]any) Booking {
	status, body := p.Stubborn("POST", "/v1/bookings", fields, rand.Text())
	if status != http.StatusOK {
		p.In.T.Errorf("book: %d %s", status, body)
		return Booking{}
	}
	var b Booking
	if err := json.Unmarshal(body, &b); err != nil || b.Status != "processing" {
		p.In.T.Errorf("booking as accepted: %s (%v)", body, err)
	}
	return b
}

// Booking returns a booking, or an empty one if it cannot be had now.
func (p Person) Booking(id string) Booking {
	status, body, err := p.Try("GET", "/v1/bookings/"+id, nil)
	var b Booking
	if err == nil && status == http.StatusOK {
		json.Unmarshal(body, &b)
	}
	return b
}

// Watch follows the buyer's bookings stream and sends each change of a booking
// that is no longer processing.
func (p Person) Watch(ctx context.Context) <-chan Booking {
	settled := make(chan Booking, 64)
	req, _ := http.NewRequestWithContext(ctx, "GET", p.URL("/v1/bookings/stream"), nil)
	req.Header.Set("Authorization", "Bearer "+p.Token)
	connected := make(chan struct{})
	var once sync.Once
	conn := sse.NewConnection(req)
	conn.SubscribeToAll(func(e sse.Event) {
		switch e.Type {
		case "snapshot":
			var snapshot struct {
				Bookings []Booking `json:"bookings"`
			}
			if err := json.Unmarshal([]byte(e.Data), &snapshot); err != nil {
				p.In.T.Errorf("snapshot: %v in %s", err, e.Data)
			}
			once.Do(func() { close(connected) })
		case "change", "changes":
			changes := make([]Booking, 1)
			into := any(&changes[0])
			if e.Type == "changes" {
				into = &struct{ Bookings *[]Booking }{&changes}
			}
			if err := json.Unmarshal([]byte(e.Data), into); err != nil {
				p.In.T.Errorf("%s: %v in %s", e.Type, err, e.Data)
			}
			for _, b := range changes {
				if b.Status != "processing" {
					settled <- b
				}
			}
		}
	})
	go conn.Connect()
	select {
	case <-connected:
	case <-time.After(20 * time.Second):
		p.In.T.Error("no snapshot on the bookings stream")
	}
	return settled
}

// Wait waits until a booking from Watch has a status, and returns it.
func Wait(t testing.TB, settled <-chan Booking, id, status string) Booking {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		select {
		case b := <-settled:
			if b.ID == id && b.Status == status {
				return b
			}
			if b.ID == id && b.Status != "pending_payment" {
				t.Errorf("booking %s is %s (%s), want %s", id, b.Status, b.FailureReason, status)
				return b
			}
		case <-limit:
			t.Errorf("booking %s did not become %s", id, status)
			return Booking{}
		}
	}
}
