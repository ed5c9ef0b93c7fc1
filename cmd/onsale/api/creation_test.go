package api_test

import (
	"os"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// F34: an event is booked right after its creation, many times in a row: 200
// times with ONSALE_LONG_TESTS set.
func TestF34_BookedRightAfterCreation(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Apache)
	seller, buyer := in.Register("seller", "seller@example.com"), in.Minted(1)[0]
	times := 10 // each event has eleven topics and three groups, which Apache Kafka creates slowly
	if os.Getenv("ONSALE_LONG_TESTS") != "" {
		times = 200
	}
	for n := range times {
		event := seller.CreateHall(1, 4)
		b := buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 2})
		if got := buyer.Answered(b.ID); len(got.Seats) != 2 {
			t.Fatalf("event %d: %+v", n, got)
		}
	}
	in.Verify()
}
