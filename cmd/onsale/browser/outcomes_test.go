package browser_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// Scripts that simulate a bad network in the page.
const (
	// loseFirst loses the answer to the first booking request, and sets a flag.
	loseFirst = `const ask = window.fetch
		window.fetch = async (path, how) => { const answer = await ask(path, how); if (path === '/v1/bookings' && !window.lostAt) { window.lostAt = performance.now(); throw new TypeError('lost') } return answer };`
	// slowBookings delays the bookings stream by window.slow milliseconds.
	slowBookings = `const Real = window.EventSource
		window.EventSource = class extends Real { addEventListener(name, f) { super.addEventListener(name, this.url.includes('/bookings/') ? e => setTimeout(f, window.slow || 0, e) : f) } };`
)

// once returns a script that sets a flag of that name if the page ever shows a
// text.
func once(name, text string) string {
	return fmt.Sprintf(`new MutationObserver(() => { window[%q] ||= !!document.body?.innerText.includes(%q) }).observe(document, { subtree: true, childList: true, characterData: true });`, name, text)
}

// A buyer with two bookings sees the outcome of one while the other waits for
// payment.
func TestBrowserTwoBookings(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(1, 2)
	buyer, faster := in.Register("buyer", "buyer@example.com"), in.Register("buyer", "faster@example.com")
	faster.Answered(faster.Book(map[string]any{"event_id": event, "section": "A", "subsection": 2, "seat_selection_mode": "best_available", "quantity": 2}).ID)
	b := openBrowser(in, t)
	b.watches("buyer@example.com", eventPage(event))
	b.fill("subsection", "1")
	b.press("Find the best seats")
	b.sees("You have A-1-1-1, A-1-1-2.")

	b.fill("subsection", "2")
	b.press("Find the best seats")
	b.until("both are shown", `document.querySelector('.outcome-failed') && document.querySelector('.outcome-pending_payment')`)
	other := buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1})
	buyer.Answered(other.ID)
	b.sees("You have B-1-1-1.")
	buyer.OK("POST", "/v1/bookings/"+other.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, http.StatusOK, nil)
	b.sees("These seats are yours.")
	third := buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1})
	buyer.Answered(third.ID)
	b.until("two bookings wait, with one payment form", `document.querySelectorAll('.outcome-pending_payment').length === 2 && document.querySelectorAll('.pay').length === 1 && !!document.querySelectorAll('.outcome-pending_payment')[1].querySelector('.pay')`)
	b.do(js(`document.querySelector('.outcome-pending_payment .acts-of .main').click()`))
	b.until("the other form is open instead", `document.querySelectorAll('.pay').length === 1 && !!document.querySelector('.outcome-pending_payment .pay')`)
	buyer.OK("POST", "/v1/bookings/"+third.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, http.StatusOK, nil)
	b.until("the form of the older one is open", `document.querySelectorAll('.pay').length === 1 && document.querySelectorAll('.outcome-pending_payment').length === 1`)
	b.press("Cancel the booking") // cancels the older one, which waits for payment
	b.until("its end is shown", `!!document.querySelector('.outcome-cancelled')`)
}

// A buyer whose answer was lost and whose booking has ended since may book the
// same seats again: that is a new booking.
func TestBrowserWishedAgain(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(loseFirst + once("sorry", "The server does not answer.") + slowBookings + `window.slow = 1000`)
	b.watches("buyer@example.com", eventPage(event))
	b.until("all bookings were told", `document.querySelector('.live-live') && (window.since ||= performance.now()) + 1500 < performance.now()`)
	b.press("Find the best seats")
	b.sees("You have A-1-1-1, A-1-1-2.")
	b.until("the buyer is told no more that the answer was lost", `window.sorry && !document.body.innerText.includes('The server does not answer.')`)
	b.press("Cancel the booking")
	b.sees("Cancelled by you.")

	b.press("Find the best seats")
	b.sees("Waiting for payment")
	var page struct{ Items []e2e.Booking }
	buyer.OK("GET", "/v1/bookings", nil, http.StatusOK, &page)
	if len(page.Items) != 2 {
		t.Errorf("two wishes made %d bookings", len(page.Items))
	}
}

// The network is away for long and an answer is lost. When it is back, the map
// shows the buyer's seat before the bookings stream does.
func TestBrowserLongAway(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(loseFirst + slowBookings + once("wrong", "Taken by someone else"))
	b.watches("buyer@example.com", eventPage(event))
	b.fillBlock("A-1")
	b.seat(1, 1)
	b.sees("Book 1 for")
	b.do(js(`dispatchEvent(new Event('offline')); window.slow = 3000`))
	b.sees("reconnecting")
	b.press("Book 1 for")
	b.sees("The server does not answer.")
	var page struct{ Items []e2e.Booking }
	buyer.OK("GET", "/v1/bookings", nil, http.StatusOK, &page)
	buyer.Answered(page.Items[0].ID)
	b.until("it was away for longer than anybody waits for an answer", `performance.now() > window.lostAt + 6000`)

	b.do(js(`dispatchEvent(new Event('online'))`))
	b.sees("You have A-1-1-1.")
	b.sees("Zoom in and click free seats")
	if b.is(`window.wrong`) {
		t.Error("the buyer's own seat was said to be somebody else's")
	}
}

// Two windows of one buyer have picked the same seat. When one books it, the
// other shows it as the buyer's own. A seat that another buyer books is shown as
// taken.
func TestBrowserSamePicks(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	other := in.Register("buyer", "other@example.com")
	one := openBrowser(in, t)
	one.logIn("buyer@example.com")
	two := one.another()
	two.before(slowBookings + `window.slow = 1000;` + once("wrong", "Taken by someone else"))
	for _, b := range []*tab{one, two} {
		b.open(eventPage(event))
		b.sees("live")
		b.fillBlock("A-1")
		b.seat(1, 1)
		b.sees("Book 1 for")
	}
	one.press("Book 1 for")
	two.sees("You have A-1-1-1.")
	two.sees("Zoom in and click free seats")
	if two.is(`window.wrong`) {
		t.Error("the buyer's own seat was said to be somebody else's")
	}

	two.seat(1, 2)
	two.sees("Book 1 for")
	other.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": []string{"1-2"}})
	two.sees("Taken by someone else just now: A-1-1-2.")
}

// The page names the seats that could not be had and offers free ones beside
// them, in whatever order booking, answer and map arrive.
func TestBrowserMissed(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "late@example.com")
	faster := in.Register("buyer", "faster@example.com")
	b := openBrowser(in, t)
	b.before(`const ask = window.fetch, Real = window.EventSource
		const told = async () => { while (!document.body?.innerText.includes('You asked for 2 and got 1')) await new Promise(requestAnimationFrame) }
		window.fetch = async (path, how) => { const answer = await ask(path, how); if (path === '/v1/bookings') await told(); return answer }
		window.EventSource = class extends Real { addEventListener(name, f) { super.addEventListener(name, this.url.includes('/seats/') ? async e => { if (window.held || sessionStorage.getItem('later')) await told(); f(e) } : f) } }`)
	b.watches("late@example.com", eventPage(event))
	b.fillBlock("A-1")
	b.seat(1, 1)
	b.seat(1, 2)
	b.sees("Book 2 for")
	b.do(js(`window.held = true`))
	faster.Answered(faster.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": []string{"1-1"}}).ID)

	b.press("Book 2 for")
	b.sees("Already taken: A-1-1-1.")
	b.sees("Free seats nearby:")
	b.do(js(`sessionStorage.setItem('later', true)`))
	b.open(eventPage(event))
	b.sees("Already taken: A-1-1-1.")
	b.press("A-1-1-3")
	b.sees("Book 1 for")
}

// Seats on both sides of an aisle are not side by side.
func TestBrowserAisle(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	seller := in.Register("seller", "seller@example.com")
	in.Register("buyer", "buyer@example.com")
	row := map[string]any{"row": 1, "seats": []int{1, 2, 4, 5}}
	status, body := seller.Call("POST", "/v1/events", map[string]any{
		"name": "The aisle", "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR",
		"seating": map[string]any{"sections": []map[string]any{{"name": "A", "price": 5000, "subsections": []map[string]any{{"number": 1, "rows": []any{row}}}}}},
	})
	event := seller.Opened(status, body)
	b := openBrowser(in, t)
	b.watches("buyer@example.com", eventPage(event))
	b.fill("quantity", "4")
	b.press("Find the best seats")
	b.sees("You have A-1-1-1, A-1-1-2, A-1-1-4, A-1-1-5. They are not all side by side.")
}

// A screen reader announces once how long there is to pay, and again when one
// minute is left. After an outcome is dismissed by keyboard, the focus is on the
// booking form.
func TestBrowserListener(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(`const now = Date.now; window.ahead = 0; Date.now = () => now() + window.ahead; window.spoken = []
		new MutationObserver(() => {
			const text = document.querySelector('.outcome [role=status]')?.innerText
			if (text && text !== spoken.at(-1)) spoken.push(text)
		}).observe(document, { subtree: true, childList: true, characterData: true })`)
	b.watches("buyer@example.com", eventPage(event))
	b.press("Find the best seats")
	b.sees("Time to pay: 14:")
	b.do(js(`window.ahead = 60000`))
	b.sees("Time to pay: 13:")
	b.do(js(`window.ahead = 14 * 60000`))
	b.sees("Time to pay: 0:")
	b.until("it was said at first and near the end", `spoken.filter(text => text.includes('left to pay')).join(' ') === 'Minutes left to pay: 14. One minute or less is left to pay.'`)
	b.press("Cancel the booking")
	b.sees("Cancelled by you.")
	b.tabTo(`.outcome .acts-of button`)
	b.press("Dismiss")
	b.until("the next wish has the focus", `document.activeElement.id === 'booking-request'`)
}

// A link to an event has the event's name as soon as the page knows it.
func TestBrowserNamesLater(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	buyer.Answered(buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}).ID)
	b := openBrowser(in, t)
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
