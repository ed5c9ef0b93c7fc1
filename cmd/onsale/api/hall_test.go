package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// An event of the largest size goes on sale. A larger one is refused at once,
// because the broker would not take its record.
func TestLargestHall(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Apache)
	seller := in.Register("seller", "seller@example.com")
	hall := func(sections, subsections, rows int) map[string]any {
		var all []map[string]any
		for n := range sections {
			all = append(all, map[string]any{"name": fmt.Sprintf("S%d", n), "price": 100, "subsections": subsections})
		}
		return map[string]any{"name": "A hall", "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR",
			"seating": map[string]any{"rows": rows, "seats_per_row": 1, "sections": all}}
	}
	for code, larger := range map[string]map[string]any{"too_many_subsections": hall(10, 9999, 1), "too_many_sections": hall(501, 1, 1), "too_many_seats": hall(500, 20, 11)} {
		if status, body := seller.Call("POST", "/v1/events", larger); status != http.StatusBadRequest || !bytes.Contains(body, []byte(`"`+code+`"`)) {
			t.Errorf("%s: %d %s", code, status, body)
		}
	}
	began := time.Now()
	status, body := seller.Call("POST", "/v1/events", hall(500, 20, 10))
	t.Logf("100,000 seats in 10,000 subsections: %d after %s", status, time.Since(began).Round(time.Millisecond))
	event := seller.Opened(status, body)
	buyer := in.Minted(1)[0]
	// On a slow machine the catalogue may be older than a second for a moment,
	// because the event's record is so large.
	status, body = buyer.Stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": "S499", "subsection": 20,
		"seat_selection_mode": "manual", "seat_positions": []string{"10-1"}}, "key")
	if status != http.StatusOK {
		t.Fatalf("book: %d %s", status, body)
	}
	var b e2e.Booking
	e2e.Decode(t, body, &b)
	// The first booking has the topics made and 500 sections sent. A broker that is
	// busy with so many new partitions may need more than one try.
	in.Eventually("the event has its topics", 2*time.Minute, func() bool { return in.Metric("seat-reservation-service", "onsale_events_awake") == 1 })
	if got := buyer.Answered(b.ID); got.Status != "pending_payment" || len(got.Seats) != 1 {
		t.Errorf("%+v", got)
	}
	in.Verify()
}
