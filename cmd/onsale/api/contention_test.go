package api_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// 1,000 buyers want 100 seats, manually and best available. Each seat is sold
// once, and all others are told why they got none.
func TestThousandBuyersHundredSeats(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateHall(5, 10) // section A has 100 seats
	people := in.Minted(1000)
	var all sync.WaitGroup
	outcomes := make([]e2e.Booking, len(people))
	for i, p := range people {
		all.Go(func() {
			ask := map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}
			if i%2 == 0 {
				ask = map[string]any{"event_id": event, "section": "A", "subsection": 1 + i%4/2, "seat_selection_mode": "manual",
					"seat_positions": []string{fmt.Sprintf("%d-%d", 1+i%5, 1+i%10)}}
			}
			b := p.Book(ask)
			if b.ID == "" {
				return
			}
			outcomes[i] = p.Answered(b.ID)
			if outcomes[i].Status == "pending_payment" {
				if status, body := p.Call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}); status != 200 {
					t.Errorf("pay: %d %s", status, body)
				}
			}
		})
	}
	all.Wait()
	holders, reasons := map[string]int{}, map[string]int{}
	for i, b := range outcomes {
		for _, seat := range b.Seats {
			if other, taken := holders[seat]; taken {
				t.Errorf("seat %s has %d and %d", seat, other, i)
			}
			holders[seat] = i
		}
		if b.Status == "failed" {
			reasons[b.FailureReason]++
		}
	}
	if len(holders) != 100 || reasons["sold_out"]+reasons["seats_taken"] != 900 {
		t.Errorf("%d seats sold, %v", len(holders), reasons)
	}
}
