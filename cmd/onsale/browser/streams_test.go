package browser_test

import (
	"net/http"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// While the server still reads the seats it refuses them. The page says so, shows no
// free seat, and shows the map by itself once the server has it.
func TestBrowserSeatsBeingRead(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	b := openBrowser(in, t)
	b.before(`window.reading = true; const Real = window.EventSource, ask = window.fetch
		window.fetch = (path, how) => path.endsWith('/seats') && window.reading ? Promise.resolve(new Response('{"code": "seats_unavailable"}', { status: 503, headers: { 'Retry-After': '1' } })) : ask(path, how)
		window.EventSource = class extends Real { constructor(url) { super(url.includes('/seats/') && window.reading ? '/refused.txt' : url) } }`)
	b.open(eventPage(event))
	b.sees("The seats are being read.")
	b.fillBlock("A-1")
	if !b.is(`document.querySelector('[data-row="0"][data-col="1"]').className === 'is-unknown'`) {
		t.Error("a seat that was not read yet is shown as free")
	}
	b.do(js(`window.reading = false`))
	b.sees("live")
	b.until("the seat is free, and nothing is said to be read", `document.querySelector('[data-row="0"][data-col="1"]').className === 'is-available' && !document.body.innerText.includes('being read')`)
}

// Several bookings may come in one frame. A snapshot without all bookings is said to be
// one, with a link to the history.
func TestBrowserManyBookings(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(`const Real = window.EventSource
		window.EventSource = class extends Real {
			addEventListener(name, f) {
				if (!this.url.includes('/bookings/')) return super.addEventListener(name, f)
				if (name === 'snapshot') return super.addEventListener(name, e => f({ data: JSON.stringify({ ...JSON.parse(e.data), truncated: true }) }))
				if (name === 'changes') return super.addEventListener('change', e => f({ data: JSON.stringify({ bookings: [JSON.parse(e.data)] }) }))
				if (name !== 'change') super.addEventListener(name, f)
			}
		}`)
	b.watches("buyer@example.com", eventPage(event))
	b.sees("Only the newest")
	held := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(held.ID)
	b.sees("You have A-1-1-1, A-1-1-2.")
	buyer.OK("POST", "/v1/bookings/"+held.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, http.StatusOK, nil)
	b.sees("These seats are yours")
	b.press("Show all bookings")
	b.until("it is the history", `location.pathname === '/bookings'`)
	b.sees("Only the newest ones change by themselves")
}
