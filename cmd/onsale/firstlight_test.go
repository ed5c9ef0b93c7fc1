package main_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/tmaxmax/go-sse"
)

// booking is what the tests read of a booking.
type booking struct {
	ID            string   `json:"id"`
	Status        string   `json:"status"`
	Seats         []string `json:"seats"`
	FailureReason string   `json:"failure_reason"`
	ExpiresAt     string   `json:"expires_at"`
}

type ticket struct {
	SeatID    string `json:"seat_id"`
	Status    string `json:"status"`
	BookingID string `json:"booking_id"`
	Holder    *struct {
		UserID int64 `json:"user_id"`
	} `json:"holder"`
}

// createEvent makes an event of ten sections, 5,000 seats each.
func (p person) createEvent(name string, ticketsABooking ...int) int64 {
	p.in.t.Helper()
	sections := make([]map[string]any, 10)
	for i := range sections {
		sections[i] = map[string]any{"name": string(rune('A' + i)), "price": 200000, "subsections": 10}
	}
	most := append(ticketsABooking, 4)[0]
	began := time.Now()
	status, body := p.call("POST", "/v1/events", map[string]any{
		"name": name, "max_tickets_per_booking": most, "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "TWD",
		"seating": map[string]any{"rows": 20, "seats_per_row": 25, "sections": sections},
	})
	id := p.opened(status, body)
	p.in.t.Logf("50,000 seats created in %s", time.Since(began).Round(time.Millisecond))
	return id
}

// opened is the event of an answer, on sale: one whose brokers were slow comes on
// sale by itself.
func (p person) opened(status int, body []byte) (id int64) {
	p.in.t.Helper()
	if status == http.StatusServiceUnavailable && strings.Contains(string(body), "sale_not_open") {
		p.in.eventually("the sale opens by itself", 2*time.Minute, func() bool {
			var page struct{ Items []struct{ ID int64 } }
			status, body := p.call("GET", "/v1/events", nil)
			if status != http.StatusOK || json.Unmarshal(body, &page) != nil || len(page.Items) == 0 {
				return false
			}
			id = page.Items[0].ID
			return true
		})
		return id
	}
	if status != http.StatusCreated {
		p.in.t.Fatalf("create event: %d %s", status, body)
	}
	var event struct {
		ID int64 `json:"id"`
	}
	decode(p.in.t, body, &event)
	return event.ID
}

// book posts a booking, again while the service has no time for it, and answers
// it as accepted.
func (p person) book(fields map[string]any) booking {
	status, body := p.stubborn("POST", "/v1/bookings", fields, rand.Text())
	if status != http.StatusOK {
		p.in.t.Errorf("book: %d %s", status, body)
		return booking{}
	}
	var b booking
	if err := json.Unmarshal(body, &b); err != nil || b.Status != "processing" {
		p.in.t.Errorf("booking as accepted: %s (%v)", body, err)
	}
	return b
}

func (p person) booking(id string) booking {
	status, body, err := p.try("GET", "/v1/bookings/"+id, nil)
	var b booking
	if err == nil && status == http.StatusOK {
		json.Unmarshal(body, &b)
	}
	return b
}

// watch follows the buyer's bookings and sends each that leaves PROCESSING.
func (p person) watch(ctx context.Context) <-chan booking {
	settled := make(chan booking, 64)
	req, _ := http.NewRequestWithContext(ctx, "GET", p.url("/v1/bookings/stream"), nil)
	req.Header.Set("Authorization", "Bearer "+p.token)
	connected := make(chan struct{})
	var once sync.Once
	conn := sse.NewConnection(req)
	conn.SubscribeToAll(func(e sse.Event) {
		switch e.Type {
		case "snapshot":
			var snapshot struct {
				Bookings []booking `json:"bookings"`
			}
			if err := json.Unmarshal([]byte(e.Data), &snapshot); err != nil {
				p.in.t.Errorf("snapshot: %v in %s", err, e.Data)
			}
			once.Do(func() { close(connected) })
		case "change":
			var b booking
			if err := json.Unmarshal([]byte(e.Data), &b); err != nil {
				p.in.t.Errorf("change: %v in %s", err, e.Data)
			}
			if b.Status != "processing" {
				settled <- b
			}
		}
	})
	go conn.Connect()
	select {
	case <-connected:
	case <-time.After(20 * time.Second):
		p.in.t.Error("no snapshot on the bookings stream")
	}
	return settled
}

func wait(t testing.TB, settled <-chan booking, id, status string) booking {
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
			return booking{}
		}
	}
}

func TestFirstLight(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller := in.register("seller", "seller@example.com")
	event := seller.createEvent("First light")
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()

	const buyers = 50
	paid := make([]booking, buyers)
	people := make([]person, buyers)
	var all sync.WaitGroup
	for i := range buyers {
		people[i] = in.register("buyer", fmt.Sprintf("buyer%d@example.com", i))
	}
	for i, buyer := range people {
		all.Add(1)
		go func() {
			defer all.Done()
			settled := buyer.watch(ctx)
			ask := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}
			if i%2 == 1 {
				ask = map[string]any{"event_id": event, "section": "A", "subsection": 2, "seat_selection_mode": "manual",
					"seat_positions": []string{fmt.Sprintf("%d-%d", 1+i/25, 1+i%25)}}
			}
			b := buyer.book(ask)
			held := wait(t, settled, b.ID, "pending_payment")
			if len(held.Seats) == 0 || held.ExpiresAt == "" {
				t.Errorf("pending booking without seats or deadline: %+v", held)
			}
			if i == 0 {
				status, body := buyer.call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"card_number": "4000000000000002"})
				if status != http.StatusPaymentRequired {
					t.Errorf("a declined card: %d %s", status, body)
				}
			}
			status, body := buyer.call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"card_number": "4242424242424242"})
			if status != http.StatusOK {
				t.Errorf("payment: %d %s", status, body)
			}
			paid[i] = wait(t, settled, b.ID, "paid")
		}()
	}
	all.Wait()
	if t.Failed() {
		return
	}

	holders := map[string]int64{}
	for i, b := range paid {
		for _, seat := range b.Seats {
			if other, twice := holders[seat]; twice {
				t.Fatalf("seat %s was sold to %d and to %d", seat, other, people[i].id)
			}
			holders[seat] = people[i].id
		}
	}
	var sold []ticket
	in.eventually("every ticket is SOLD", 30*time.Second, func() bool {
		status, body := seller.call("GET", fmt.Sprintf("/v1/events/%d/tickets?section=A&status=sold&limit=200", event), nil)
		if status != http.StatusOK {
			t.Fatalf("tickets: %d %s", status, body)
		}
		var page struct {
			Items []ticket `json:"items"`
		}
		decode(t, body, &page)
		sold = page.Items
		return len(sold) == len(holders)
	})
	for _, s := range sold {
		if s.Holder == nil || s.Holder.UserID != holders[s.SeatID] {
			t.Errorf("ticket %s: holder %+v, want %d", s.SeatID, s.Holder, holders[s.SeatID])
		}
	}
	in.verify()

	in.down()
	in.up()
	if b := people[0].booking(paid[0].ID); b.Status != "paid" || len(b.Seats) != len(paid[0].Seats) {
		t.Errorf("after a second start: %+v", b)
	}
	settled := people[0].watch(ctx)
	next := people[0].book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1})
	wait(t, settled, next.ID, "pending_payment")
	in.verify()
}

func TestSeatReservationServiceKilled(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller := in.register("seller", "seller@example.com")
	event := seller.createEvent("Kill")
	buyer := in.register("buyer", "buyer@example.com")

	const rounds, each = 3, 67
	accepted := make(chan string, rounds*each)
	var all sync.WaitGroup
	for round := range rounds {
		arrived := make(chan struct{}, each)
		for i := range each {
			all.Go(func() {
				b := buyer.book(map[string]any{"event_id": event, "section": string(rune('A' + i%10)),
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
		before := in.pid("seat-reservation-service")
		if err := syscall.Kill(before, syscall.SIGKILL); err != nil {
			t.Fatalf("kill %d: %v", round, err)
		}
		in.eventually("the supervisor starts it again", 60*time.Second, func() bool {
			pid := in.pid("seat-reservation-service")
			return pid != 0 && pid != before
		})
	}
	all.Wait()
	close(accepted)

	for id := range accepted {
		in.eventually("booking "+id+" has its answer", 90*time.Second, func() bool {
			return buyer.booking(id).Status == "pending_payment"
		})
	}
	in.verify()

	in.down()
	if err := os.RemoveAll(filepath.Join(in.data, "seats")); err != nil {
		t.Fatal(err)
	}
	in.up()
	b := buyer.book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1})
	in.eventually("a booking on seats folded anew", 60*time.Second, func() bool {
		return buyer.booking(b.ID).Status == "pending_payment"
	})
	in.verify()
}
