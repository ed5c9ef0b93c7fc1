package main_test

import (
	"fmt"
	"testing"
)

// Seats on both sides of an aisle are not side by side.
func TestBrowserAisle(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	seller := in.register("seller", "seller@example.com")
	in.register("buyer", "buyer@example.com")
	row := map[string]any{"row": 1, "seats": []int{1, 2, 4, 5}}
	status, body := seller.call("POST", "/v1/events", map[string]any{
		"name": "The aisle", "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR",
		"seating": map[string]any{"sections": []map[string]any{{"name": "A", "price": 5000, "subsections": []map[string]any{{"number": 1, "rows": []any{row}}}}}},
	})
	seller.opened(status, body)
	b := in.browser(t)
	b.logIn("buyer@example.com")
	b.open("/events/1")
	b.sees("live")
	b.fill("quantity", "4")
	b.press("Find the best seats")
	b.sees("You have A-1-1-1, A-1-1-2, A-1-1-4, A-1-1-5. They are not all side by side.")
	in.verify()
}

// A link is named by what is known.
func TestBrowserNamesLater(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.register("seller", "seller@example.com").createHall(5, 10)
	buyer := in.register("buyer", "buyer@example.com")
	buyer.answered(buyer.book(map[string]any{"event_id": 1, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}).ID)
	b := in.browser(t)
	b.before(`const ask = window.fetch
		window.fetch = async (path, how) => { if (path.startsWith('/v1/events/')) await new Promise(go => { window.answer = go }); return ask(path, how) }`)
	b.logIn("buyer@example.com")
	b.open("/bookings")
	named := func(name string) {
		t.Helper()
		b.until("the link is named "+name, fmt.Sprintf(`document.querySelector('td a')?.getAttribute('aria-label') === %q`, name))
	}
	named("Open A-1-1-1")
	b.until("the event's name is asked for", `!!window.answer`)
	b.do(js(`window.answer()`))
	named("Open The show A-1-1-1")
}
