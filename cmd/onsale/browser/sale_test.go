package browser_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// An event of 50,000 seats in the middle of its sale: the seller's page shows the
// figures of the API, and all of its parts can be opened.
func TestBrowserSale(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateEvent("The on-sale", 20)
	in.Register("buyer", "buyer@example.com")
	sold := sellSome(in, event)
	b := openBrowser(in, t)
	b.logIn("seller@example.com")
	b.press("The on-sale")
	var sales struct{ Bookings, Reserved, Sold int }
	seller.OK("GET", fmt.Sprintf("/v1/events/%d/sales", event), nil, 200, &sales)
	if sales.Bookings != sold.bookings || sales.Sold != sold.paid || sales.Sold+sales.Reserved != sold.seats {
		t.Errorf("%+v of %+v", sales, sold)
	}
	b.until("the chart is drawn", `!!document.querySelector('.chart canvas')`)
	for name, n := range map[string]int{"bookings": sales.Bookings, "sold": sales.Sold, "held": sales.Reserved} {
		b.until("the desk says how many are "+name, fmt.Sprintf(`document.querySelector("[data-figure=%s]")?.innerText.replace(',', '') === '%d'`, name, n))
	}
	b.until("the map says so", fmt.Sprintf(`window.onsaleView?.hall.status.filter(s => s === 2).length === %d`, sales.Sold))
	b.shoot("desk")
	b.press("Log out")
	b.logIn("buyer@example.com")
	b.press("The on-sale")
	b.until("the map says so", fmt.Sprintf(`window.onsaleView?.hall.status.filter(s => s > 0).length === %d`, sold.seats))
	b.until("the prices beside it say what is left", `document.querySelector('.prices').innerText.includes('1,200')`)
	b.shoot("event")
	b.fillBlock("C-3")
	b.shoot("block")
}

// sale counts what was booked of an event. Seats and paid are numbers of seats.
type sale struct{ bookings, seats, paid int }

// sellSome books 20 seats at a time, more in the first sections, and pays for
// every other booking.
func sellSome(in *e2e.Installation, event int64) (sum sale) {
	in.T.Helper()
	wishes := make(chan map[string]any)
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, p := range in.Minted(16) {
		p.At = in.ServiceURL("booking-service")
		all.Go(func() {
			for wish := range wishes {
				held := p.Answered(p.Book(wish).ID)
				mu.Lock()
				sum.bookings, sum.seats = sum.bookings+1, sum.seats+len(held.Seats)
				pays := sum.bookings%2 == 0
				mu.Unlock()
				if pays {
					p.OK("POST", "/v1/bookings/"+held.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
					mu.Lock()
					sum.paid += len(held.Seats)
					mu.Unlock()
				}
			}
		})
	}
	for section, n := range []int{190, 150, 100, 60, 40, 20, 10, 10, 5, 5} {
		for i := range n {
			wish := map[string]any{"event_id": event, "section": string(rune('A' + section)), "seat_selection_mode": "best_available", "quantity": 20}
			if section > 0 {
				wish["subsection"] = 1 + i*7%10
			}
			wishes <- wish
		}
	}
	close(wishes)
	all.Wait()
	return sum
}
