package browser_test

import (
	"fmt"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// silent returns a script that blocks every stream whose path contains a text, as
// if its service were down.
func silent(path string) string {
	return fmt.Sprintf(`const Real = window.EventSource
		window.EventSource = function (url) { return url.includes(%q) ? { readyState: 0, addEventListener() {}, close() {} } : new Real(url) }
		window.EventSource.CLOSED = 2`, path)
}

// Two windows of one browser share a session. When another user logs in in one
// window, the other one says so and shows that user's page.
func TestBrowserTwoAccounts(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	one := openBrowser(in, t)
	one.watches("buyer@example.com", eventPage(event))
	one.fillBlock("A-1")
	one.seat(1, 1)
	one.sees("Book 1 for")

	two := one.another()
	two.open("/")
	two.press("Log out")
	one.sees("Log in as a buyer to book.")
	two.logIn("seller@example.com")

	one.until("it knows who is there", `document.querySelector('.who .name')?.innerText === 'a new seller'`)
	if !one.is(`(JSON.parse(sessionStorage.getItem('picked-1')) || []).length === 0`) { // the new user's page may have stored its own picks
		t.Error("one user's picks are kept for another")
	}
}

// Seats whose status is not known yet are shown neither as free nor as taken.
func TestBrowserUnknownSeats(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	b := openBrowser(in, t)
	b.before(silent("/seats/stream"))
	b.open(eventPage(event))
	b.fillBlock("A-1")
	b.until("the seat is not said to be free", `document.querySelector('[data-row="0"][data-col="1"]').className === 'is-unknown'`)
	b.seat(1, 1)
	b.sees("A-1-1-1: not known yet.")
	b.until("no seat is counted", `document.querySelector('.prices td:last-child').innerText === '–'`)
	if b.is(`document.querySelector('.live').innerText === 'live'`) {
		t.Error("it says that it is live")
	}
}

// While the bookings stream is blocked, the page uses the answers to its requests
// and asks for the outcome.
func TestBrowserSilentStream(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(silent("/bookings/stream"))
	b.logIn("buyer@example.com")
	b.open(eventPage(event))
	b.press("Find the best seats")
	b.sees("You have A-1-1-1, A-1-1-2.")
	b.fill("card", "4242-4242-4242-4242")
	b.press("Pay ")
	b.sees("These seats are yours")
}

// The page notices a dead connection that the browser does not report, because
// heartbeats stop.
func TestBrowserDeadConnection(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	buyer.Answered(buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}).ID) // when an event first wakes, the map is sent whole
	b := openBrowser(in, t)
	b.before(`const later = window.setTimeout, Real = window.EventSource; let opened = 0
		window.setTimeout = (f, ms, ...rest) => later(f, ms === 40000 ? 4000 : ms, ...rest)
		window.EventSource = class extends Real {
			constructor(url) { super(url); this.first = opened++ === 0 }
			addEventListener(name, f) { super.addEventListener(name, e => { if (!this.first || name === 'snapshot') f(e) }) }
		};` + once("toldSo", "reconnecting"))
	b.open(eventPage(event))
	b.sees("live")
	held := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	seat := buyer.Answered(held.ID).Seats[0]
	b.until("the map has what was missed", fmt.Sprintf(`onsaleView.hall.status[onsaleView.hall.find(%q)] === 1`, seat))
	if !b.is(`window.toldSo`) {
		t.Error("the buyer was not told that the map was old")
	}
}

// A buyer whose answer was lost still has the seats, and the page does not say
// that someone else took them.
func TestBrowserLostAnswer(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(loseFirst + once("wrong", "Taken by someone else") + slowBookings + `window.slow = 7000`) // the map arrives before the bookings
	b.watches("buyer@example.com", eventPage(event))
	b.fillBlock("A-1")
	b.seat(1, 1)
	b.press("Book 1 for")
	b.sees("The server does not answer.")
	b.sees("You have A-1-1-1")
	b.sees("Zoom in and click free seats") // the picked seat belongs to the booking by now
	if b.is(`window.wrong`) {
		t.Error("the buyer's own seat was said to be somebody else's")
	}
}

// A buyer who finds a block sold out is shown a block with room, and gets seats
// there.
func TestBrowserElsewhere(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(1, 2)
	in.Register("buyer", "buyer@example.com")
	faster := in.Register("buyer", "faster@example.com")
	faster.Answered(faster.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "best_available", "quantity": 2}).ID)
	b := openBrowser(in, t)
	b.watches("buyer@example.com", eventPage(event))
	b.fill("subsection", "1")
	b.press("Find the best seats")
	b.sees("This part of the hall is sold out.")
	b.press("A-2 (2)")
	b.until("the wish is for that block", `document.querySelector('[name=subsection]').value === '2'`)
	b.press("Find the best seats")
	b.sees("You have A-2-1-1, A-2-1-2.")
}

// The page repeats a request that was refused because of overload, without an
// error message.
func TestBrowserOverload(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(`const ask = window.fetch; let refused = 0
		window.fetch = (path, how) => path === '/v1/bookings' && ++refused < 3 ? Promise.resolve(new Response('{"code": "overloaded"}', { status: 503 })) : ask(path, how)`)
	b.watches("buyer@example.com", eventPage(event))
	b.press("Find the best seats")
	b.sees("You have A-1-1-1, A-1-1-2.")
}
