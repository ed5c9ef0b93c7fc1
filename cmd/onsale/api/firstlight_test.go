package api_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

type ticket struct {
	SeatID    string `json:"seat_id"`
	Status    string `json:"status"`
	BookingID string `json:"booking_id"`
	Holder    *struct {
		UserID int64 `json:"user_id"`
	} `json:"holder"`
}

func TestFirstLight(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateEvent("First light")
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()

	const buyers = 50
	paid := make([]e2e.Booking, buyers)
	people := make([]e2e.Person, buyers)
	var all sync.WaitGroup
	for i := range buyers {
		people[i] = in.Register("buyer", fmt.Sprintf("buyer%d@example.com", i))
	}
	for i, buyer := range people {
		all.Add(1)
		go func() {
			defer all.Done()
			settled := buyer.Watch(ctx)
			ask := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}
			if i%2 == 1 {
				ask = map[string]any{"event_id": event, "section": "A", "subsection": 2, "seat_selection_mode": "manual",
					"seat_positions": []string{fmt.Sprintf("%d-%d", 1+i/25, 1+i%25)}}
			}
			b := buyer.Book(ask)
			held := e2e.Wait(t, settled, b.ID, "pending_payment")
			if len(held.Seats) == 0 || held.ExpiresAt == "" {
				t.Errorf("pending booking without seats or deadline: %+v", held)
			}
			if i == 0 {
				status, body := buyer.Call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"card_number": "4000000000000002"})
				if status != http.StatusPaymentRequired {
					t.Errorf("a declined card: %d %s", status, body)
				}
			}
			status, body := buyer.Call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"card_number": "4242424242424242"})
			if status != http.StatusOK {
				t.Errorf("payment: %d %s", status, body)
			}
			paid[i] = e2e.Wait(t, settled, b.ID, "paid")
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
				t.Fatalf("seat %s was sold to %d and to %d", seat, other, people[i].ID)
			}
			holders[seat] = people[i].ID
		}
	}
	var sold []ticket
	in.Eventually("every ticket is SOLD", 30*time.Second, func() bool {
		status, body := seller.Call("GET", fmt.Sprintf("/v1/events/%d/tickets?section=A&status=sold&limit=200", event), nil)
		if status != http.StatusOK {
			t.Fatalf("tickets: %d %s", status, body)
		}
		var page struct {
			Items []ticket `json:"items"`
		}
		e2e.Decode(t, body, &page)
		sold = page.Items
		return len(sold) == len(holders)
	})
	for _, s := range sold {
		if s.Holder == nil || s.Holder.UserID != holders[s.SeatID] {
			t.Errorf("ticket %s: holder %+v, want %d", s.SeatID, s.Holder, holders[s.SeatID])
		}
	}
	in.Verify()

	in.Down()
	in.Up()
	if b := people[0].Booking(paid[0].ID); b.Status != "paid" || len(b.Seats) != len(paid[0].Seats) {
		t.Errorf("after a second start: %+v", b)
	}
	settled := people[0].Watch(ctx)
	next := people[0].Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1})
	e2e.Wait(t, settled, next.ID, "pending_payment")
	in.Verify()
}
