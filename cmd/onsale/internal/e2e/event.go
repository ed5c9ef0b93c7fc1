package e2e

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// CreateEvent creates an event of ten sections with 5,000 seats each.
func (p Person) CreateEvent(name string, ticketsABooking ...int) int64 {
	p.In.T.Helper()
	sections := make([]map[string]any, 10)
	for i := range sections {
		sections[i] = map[string]any{"name": string(rune('A' + i)), "price": 200000, "subsections": 10}
	}
	most := append(ticketsABooking, 4)[0]
	began := time.Now()
	status, body := p.Call("POST", "/v1/events", map[string]any{
		"name": name, "max_tickets_per_booking": most, "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "TWD",
		"seating": map[string]any{"rows": 20, "seats_per_row": 25, "sections": sections},
	})
	id := p.Opened(status, body)
	p.In.T.Logf("50,000 seats created in %s", time.Since(began).Round(time.Millisecond))
	return id
}

// Opened returns the event that an answer created, once it is on sale. If the
// broker was slow, the answer is sale_not_open, and the sale opens by itself.
func (p Person) Opened(status int, body []byte) (id int64) {
	p.In.T.Helper()
	if status == http.StatusServiceUnavailable && strings.Contains(string(body), "sale_not_open") {
		p.In.Eventually("the sale opens by itself", 2*time.Minute, func() bool {
			var page struct{ Items []struct{ ID int64 } }
			status, body := p.Call("GET", "/v1/events?mine=true", nil) // newest first
			if status != http.StatusOK || json.Unmarshal(body, &page) != nil || len(page.Items) == 0 {
				return false
			}
			id = page.Items[0].ID
			return true
		})
		return id
	}
	if status != http.StatusCreated {
		p.In.T.Fatalf("create event: %d %s", status, body)
	}
	var event struct {
		ID int64 `json:"id"`
	}
	Decode(p.In.T, body, &event)
	return event.ID
}

// CreateHall creates a small event: sections A and B, each of two subsections with
// rows of seats.
func (p Person) CreateHall(rows, seats int) int64 { return p.CreateNamed("The show", rows, seats) }

// CreateNamed is CreateHall with a name for the event.
func (p Person) CreateNamed(name string, rows, seats int) int64 {
	p.In.T.Helper()
	status, body := p.Call("POST", "/v1/events", map[string]any{
		"name": name, "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR", "time_zone": "Asia/Taipei",
		"seating": map[string]any{"rows": rows, "seats_per_row": seats, "sections": []map[string]any{
			{"name": "A", "price": 5000, "subsections": 2}, {"name": "B", "price": 3000, "subsections": 2}}},
	})
	return p.Opened(status, body)
}
