package browser_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// Two buyers in two browsers want the same seat. One gets it, the other is told
// so and is offered free seats beside it. Then: best available, a declined card,
// payment, history, tickets, and a cancellation that the other's map shows.
func TestBrowserBuyers(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	seller.CreateEvent("The on-sale")
	in.Register("buyer", "one@example.com")
	in.Register("buyer", "two@example.com")
	one, two := openBrowser(in, t), openBrowser(in, t)
	for b, email := range map[*tab]string{one: "one@example.com", two: "two@example.com"} {
		b.logIn(email)
		b.press("Events")
		b.press("The on-sale")
		b.sees("live")
		b.fillBlock("A-1")
		b.seat(1, 1)
		b.sees("Book 1 for")
	}
	one.shoot("picked")
	// Both click at once. The slower one may not find the button any more.
	const book = `[...document.querySelectorAll('button')].find(e => e.innerText.startsWith('Book 1 for'))?.click()`
	one.do(js(book))
	two.do(js(book))
	settled := `document.body.innerText.includes('Waiting for payment') || document.body.innerText.includes('Someone else took') || document.body.innerText.includes('Taken by someone else')`
	one.until("an outcome", settled)
	two.until("an outcome", settled)
	winner, loser := one, two
	if !one.has("Waiting for payment") {
		winner, loser = two, one
	}
	if loser.has("Waiting for payment") {
		t.Fatal("both have the seat")
	}
	loser.until("the seat is held on the other's map", `document.querySelector('[data-row="0"][data-col="1"]').className === 'is-reserved'`)

	winner.fill("card", "4000000000000002")
	winner.press("Pay ")
	winner.sees("The card was declined")
	winner.shoot("declined")
	winner.fill("card", "4242424242424242")
	winner.press("Pay ")
	winner.sees("These seats are yours")
	loser.until("the seat is sold on the other's map", `document.querySelector('[data-row="0"][data-col="1"]').className === 'is-sold'`)
	winner.shoot("paid")

	loser.press("Best available")
	loser.press("Find the best seats")
	loser.sees("Waiting for payment")
	loser.sees("Time to pay: 1")
	loser.shoot("held")
	loser.press("Cancel the booking")
	loser.sees("Cancelled by you")

	winner.press("My bookings")
	winner.sees("A-1-1-1")
	winner.press("Open")
	winner.sees("Tickets")
	winner.shoot("tickets")
	in.Verify()
}

// A whole purchase by keyboard.
func TestBrowserKeyboard(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.open("/login")
	b.do(chromedp.WaitVisible(`[name=email]`), chromedp.Focus(`[name=email]`), chromedp.KeyEvent("buyer@example.com"), chromedp.KeyEvent(kb.Tab),
		chromedp.KeyEvent(e2e.Password), chromedp.KeyEvent(kb.Enter))
	b.until("an event", `!!document.querySelector('a.card')`)
	b.tabTo(`a.card`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until("the list of blocks", `!!document.querySelector('.blocks select')`)
	b.sees("live")
	b.tabTo(`.blocks select`)
	b.do(chromedp.KeyEvent("B"))
	b.until("the grid", `!!document.querySelector('.grid button')`)
	b.tabTo(`.grid button`)
	b.do(chromedp.KeyEvent(kb.ArrowRight), chromedp.KeyEvent(kb.ArrowDown), chromedp.KeyEvent(" "))
	b.sees("Book 1 for")
	b.tabTo(`#booking-request .main`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.sees("You have B-1-2-2")
	b.backTo(`[name=card]`)
	b.do(chromedp.KeyEvent("4242424242424242"), chromedp.KeyEvent(kb.Enter))
	b.sees("These seats are yours")
	in.Verify()
}

// A phone, a name that contains markup, and the other language.
func TestBrowserPhone(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	in.Register("seller", "seller@example.com").CreateNamed(`<img src=x onerror="document.title='run'"> & "friends"`, 5, 10)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile))
	b.logIn("buyer@example.com")
	b.open("/")
	b.sees(`<img src=x onerror=`)
	b.press("<img src=x")
	b.sees("live")
	b.until("nothing is wider than the phone", `document.documentElement.scrollWidth <= 390`)
	b.shoot("phone")
	b.press("中文")
	b.sees("最佳座位")
	b.press("尋找最佳座位")
	b.sees("等待付款")
	b.shoot("phone-zh")
	b.press("我的訂單")
	b.until("a booking is a card that fits the phone", `(w => w && w.scrollWidth <= w.clientWidth && [...w.querySelectorAll('td[data-label] .seat, td a')].every(e => e.getBoundingClientRect().right <= 390 && e.getClientRects().length === 1))(document.querySelector('main .scroll'))`)
	b.do(js(`history.back()`))
	b.sees("等待付款")
	b.until("the title is that of the event again", `document.title.startsWith('<img')`)
	title, err := chromedp.Run(b.ctx, chromedp.Title())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(title, "<img src=x") {
		t.Errorf("what a user typed was run: %s", title)
	}
}

// A seller draws a hall with rows of different lengths and an aisle, puts it on
// sale, watches sales, looks up who has a seat, changes a price, and closes the
// sale.
func TestBrowserSeller(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	in.Register("seller", "seller@example.com")
	buyer := in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.logIn("seller@example.com")
	b.sees("You have no events yet")
	b.press("Create an event")
	b.fill("name", "Drawn by hand")
	b.fill("venue_name", "The small hall")
	b.fill("starts", "2100-01-01T19:30")
	b.fill("currency", "EUR")
	b.fill("blocks-0-0", "2")
	b.fill("lengths-0-0", "4, 6, 8")
	b.fill("aisles-0-0", "2")
	b.fill("blocks-1-0", "1")
	b.fill("rows-1-0", "3")
	b.fill("seats-1-0", "5")
	b.sees("Preview: 51 seats")
	b.press("Add blocks") // section A gets a block of another shape
	b.fill("blocks-0-1", "1")
	b.fill("rows-0-1", "2")
	b.fill("seats-0-1", "3")
	b.sees("Preview: 57 seats")
	b.open("/sell/new") // leaves the page by accident
	b.sees("Preview: 57 seats")
	b.until("what was typed is there", `document.querySelector('[name=name]').value === 'Drawn by hand' && document.querySelector('[name=currency]').value === 'EUR'`)
	b.do(js(`document.querySelector('.map').scrollIntoView({block: 'end'})`))
	b.shoot("editor")
	b.press("Put on sale")
	b.sees("Sold over time")
	b.sees("live")

	held := buyer.Book(map[string]any{"event_id": 1, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": []string{"1-2", "1-4"}})
	buyer.Answered(held.ID)
	buyer.OK("POST", "/v1/bookings/"+held.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	b.until("two seats are sold", `document.querySelector('[data-figure=sold]').innerText === '2'`)
	b.until("the map has them", `onsaleView.hall.status[onsaleView.hall.find('A-1-1-4')] === 2`)
	b.do(js(`onsaleView.onSeatNow(onsaleView.hall.seat(onsaleView.hall.find('A-1-1-4')))`))
	b.sees("buyer@example.com")
	b.until("one booking is counted", `document.querySelector('[data-figure=bookings]').innerText === '1'`)
	b.press("Refresh")
	b.until("the list says who has the seats", `document.querySelector('.holders')?.innerText.includes('A-1-1-4	sold	€50	a new buyer (buyer@example.com)')`)
	b.until("the list can be taken along", `!!document.querySelector('a[href="/v1/events/1/tickets.csv"]')`)

	visitor := openBrowser(in, t)
	visitor.open("/events/1")
	visitor.sees("A · €50")
	b.do(js(`(f => { f.price.value = '75'; f.requestSubmit() })(document.querySelector('form.inline'))`))
	in.Eventually("the price is another", 30*time.Second, func() bool {
		var event struct {
			Sections []struct{ Price struct{ Amount int } }
		}
		buyer.OK("GET", "/v1/events/1", nil, 200, &event)
		return event.Sections[0].Price.Amount == 7500
	})
	const back = `document.dispatchEvent(new Event('visibilitychange'))`
	visitor.do(js(back))
	visitor.sees("A · €75")
	b.press("Close the sale")
	b.sees("closed")
	visitor.do(js(back))
	visitor.sees("The sale is closed")
	in.Verify()
}

// A service is restarted while a buyer watches, and a booking expires. The page
// says that it reconnects, and then shows the right map.
func TestBrowserReconnects(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--payment-window", "6s")
	in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.open("/events/1")
	b.sees("live")
	in.Kill("seat-reservation-service")
	b.sees("reconnecting")
	held := buyer.Book(map[string]any{"event_id": 1, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	seats := buyer.Answered(held.ID).Seats
	b.sees("live")
	state := fmt.Sprintf(`onsaleView.hall.status[onsaleView.hall.find(%q)]`, seats[0])
	b.until("the map has what was missed", state+" === 1")
	b.until("the seat comes back when the time to pay is over", state+" === 0")
	in.Verify()
}

// The start page and the pages of the API, as a newcomer sees them.
func TestBrowserNewcomer(t *testing.T) {
	t.Parallel()
	in := e2e.StartDemo(t, e2e.Embedded)
	b := openBrowser(in, t)
	b.open("/")
	b.sees("New here?")
	b.shoot("home")
	b.press("Log in as the demo buyer")
	b.sees("Find the best seats")
	b.until("all seats are there", `onsaleView.hall.count === 50000`)
	b.sees("live")
	b.press("API")
	b.sees("/v1/bookings/{id}/payment")
	b.press("POST /v1/bookings/{id}/payment")
	b.sees("payment_token") // from a schema that the route refers to
	b.sees("TicketReservedRequest")
	b.press("Log out")
	b.sees("New here?")
	b.press("Log in as the demo seller")
	b.sees("The on-sale")
}

// Seats that expire or are cancelled are free again in both browsers. What the
// other buyer has typed meanwhile stays.
func TestBrowserGivenBack(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--payment-window", "5s")
	in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "one@example.com")
	in.Register("buyer", "two@example.com")
	one, two := openBrowser(in, t), openBrowser(in, t)
	// The clock of this browser is an hour ahead, and the map shows the buyer's
	// seats before the request to book is answered.
	one.before(`const now = Date.now, ask = window.fetch; Date.now = () => now() + 3600000;
		window.fetch = async (path, how) => { const answer = await ask(path, how); if (path === '/v1/bookings') await new Promise(go => setTimeout(go, 1000)); return answer }`)
	one.before(`new MutationObserver(() => {
		window.counted ||= document.body?.innerText.includes('Time to pay: 0:')
		window.wrong ||= !window.counted && document.body?.innerText.includes('The time to pay is over.')
	}).observe(document, { subtree: true, childList: true, characterData: true })`)
	for b, email := range map[*tab]string{one: "one@example.com", two: "two@example.com"} {
		b.logIn(email)
		b.open("/events/1")
		b.sees("live")
	}
	two.fill("quantity", "3")
	both := func(status int) {
		t.Helper()
		for _, b := range []*tab{one, two} {
			b.until("the map has it", fmt.Sprintf(`onsaleView.hall.status[0] === %d`, status))
		}
	}
	book := func() {
		t.Helper()
		one.fillBlock("A-1")
		one.seat(1, 1)
		one.press("Book 1 for")
		one.sees("You have A-1-1-1")
		both(1)
		one.sees("Zoom in and click free seats")
		if one.has("Taken by someone else") {
			t.Error("a buyer is told that somebody else has the seat that is the buyer's own")
		}
	}

	book()
	one.sees("Time to pay: 0:0") // counted by the server's clock
	if one.is(`window.wrong`) {
		t.Error("the time to pay was said to be over before the server's clock was known")
	}
	one.sees("The time to pay ran out.")
	both(0)
	book()
	one.press("Cancel the booking")
	one.sees("Cancelled by you.")
	both(0)

	if !two.is(`document.querySelector('[name=quantity]').value === '3'`) {
		t.Error("what was typed is gone")
	}
	in.Verify()
}

// A buyer who did not see that one of two seats was taken gets the other one, is
// told which is missing, and picks a free one beside it.
func TestBrowserTooLate(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "late@example.com")
	faster := in.Register("buyer", "faster@example.com")
	b := openBrowser(in, t)
	b.open(eventPage(event))
	b.sees("live")
	b.fillBlock("A-1")
	b.seat(1, 1)
	b.seat(1, 2)
	b.sees("Log in as a buyer")
	b.press("Log in")
	b.fill("email", in.Email("late@example.com")) // the picked seats are kept over the log-in
	b.fill("password", e2e.Password)
	b.do(js(`document.querySelector('form').requestSubmit()`))
	b.sees("Book 2 for")
	b.do(js(`dispatchEvent(new Event('offline'))`))
	b.sees("reconnecting")
	taken := faster.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": []string{"1-1"}})
	faster.Answered(taken.ID)

	b.press("Book 2 for")
	b.sees("Zoom in and click free seats") // the request was sent
	b.do(js(`dispatchEvent(new Event('online'))`))
	b.sees("You asked for 2 and got 1")
	b.sees("Already taken: A-1-1-1")
	b.sees("live")
	b.press("A-1-1-3")
	b.sees("Book 1 for")
	b.shoot("late")
}
