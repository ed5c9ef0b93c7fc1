package browser_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// A page says "live" only when it has the map: not while the map loads, at the
// first visit or after a lost connection.
func TestBrowserLiveIsKnown(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	b := openBrowser(in, t)
	b.before(`const Real = window.EventSource; window.on_the_way = []
		window.arrive = () => { for (const frame of window.on_the_way.splice(0)) frame() }
		window.EventSource = class extends Real { addEventListener(name, f) { super.addEventListener(name, e => window.on_the_way.push(() => f(e))) } }`)
	const badge = `document.querySelector('.live').innerText`
	isNot := func(when string) {
		t.Helper()
		b.until("a map is on its way", `window.on_the_way.length > 0`)
		if b.is(badge + ` === 'live'`) {
			t.Errorf("%s the page says that it is live before it has the map", when)
		}
		b.do(js(`arrive()`))
		b.until("the page is live", badge+` === 'live'`)
	}
	b.open(eventPage(event))
	isNot("at the first visit")
	b.do(js(`dispatchEvent(new Event('offline'))`))
	b.sees("reconnecting")
	b.do(js(`arrive(); dispatchEvent(new Event('online'))`))
	isNot("after a lost connection")
}

// The seller's page after a lost connection: bookings made meanwhile do not count
// for the rate. The grid shows who has a seat, whatever its status.
func TestBrowserDesk(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.watches("seller@example.com", deskPage(event))
	b.do(js(`dispatchEvent(new Event('offline'))`))
	b.sees("reconnecting")
	for range 6 {
		buyer.Answered(buyer.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "best_available", "quantity": 1}).ID)
	}
	in.Eventually("the bookings are counted", time.Minute, func() bool {
		var sales struct{ Bookings int }
		seller.OK("GET", fmt.Sprintf("/v1/events/%d/sales", event), nil, 200, &sales)
		return sales.Bookings == 6
	})
	b.do(js(`dispatchEvent(new Event('online'))`))
	const figure = `document.querySelector('[data-figure=%s]').innerText === '%s'`
	b.until("the bookings are counted", fmt.Sprintf(figure, "bookings", "6"))
	if !b.is(fmt.Sprintf(figure, "rate", "0")) {
		t.Error("what was booked while the stream was away is shown as booked within a second")
	}

	b.fillBlock("A-1")
	const seat = `document.querySelector('[data-row="0"][data-col="1"]')`
	b.until("the grid has the seat as held", seat+`.className === 'is-reserved'`)
	if !b.is(seat+`.getAttribute('aria-disabled') !== 'true'`) || !b.is(seat+`.ariaPressed === null`) {
		t.Error("a held seat, which can be looked up, is said to be disabled, or to be a switch")
	}
	b.seat(1, 1)
	b.sees("A-1-1-1: held, a new buyer (" + in.Email("buyer@example.com") + ")")
}

// On a buyer's page only free and picked seats can be clicked.
func TestBrowserGridOfBuyer(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	buyer.Answered(buyer.Book(map[string]any{"event_id": event, "section": "A", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": []string{"1-1"}}).ID)
	b := openBrowser(in, t)
	b.open(eventPage(event))
	b.sees("live")
	b.fillBlock("A-1")
	b.seat(1, 2)
	const says = `(e => [e.className, e.ariaDisabled, e.ariaPressed].join())(document.querySelector('[data-row="0"][data-col="%d"]'))`
	for col, want := range map[int]string{1: "is-reserved,true,false", 2: "is-picked,false,true", 3: "is-available,false,false"} {
		b.until(want, fmt.Sprintf(says+` === %q`, col, want))
	}
}

// A list that has not loaded yet is not shown as empty, and a filtered list shows
// only what matches.
func TestBrowserHolders(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	paid := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(paid.ID)
	buyer.OK("POST", "/v1/bookings/"+paid.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	b := openBrowser(in, t)
	b.before(`window.held = []; window.arrive = () => { for (const go of window.held.splice(0)) go() }; const ask = window.fetch
		window.fetch = async (path, how) => { if (path.includes('/tickets?')) await new Promise(go => window.held.push(go)); return ask(path, how) }`)
	b.logIn("seller@example.com")
	b.open(deskPage(event))
	b.until("the list is asked for", `window.held.length === 1`)
	const none, loading = "No tickets found.", `document.querySelector('.filter ~ .loading')`
	if b.has(none) || !b.is(`!!`+loading) {
		t.Error("a list that was not answered yet is said to be empty")
	}
	b.do(js(`arrive()`))
	b.sees("A-1-1-1	sold")
	b.do(js(`(e => { e.value = 'reserved'; e.dispatchEvent(new Event('change', { bubbles: true })) })([...document.querySelectorAll('.filter select')].at(-1))`))
	b.until("the list is asked for again", `window.held.length === 1`)
	if b.has("A-1-1-1	sold") || b.has(none) || !b.is(`!!`+loading) {
		t.Error("what is sold stands under the filter for what is held")
	}
	b.do(js(`arrive()`))
	b.sees(none)
	b.until("nothing is loaded", `!`+loading)
}

// The curve of sales ends now and moves on each minute. Its intervals are as wide
// as the API says, and none reaches into the future.
func TestBrowserOverTime(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	paid := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(paid.ID)
	buyer.OK("POST", "/v1/bookings/"+paid.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	b := openBrowser(in, t)
	b.before(`const now = Date.now, every = window.setInterval; window.ahead = 0
		Date.now = () => now() + window.ahead
		window.setInterval = (f, ms) => every(f, ms === 60000 ? 200 : ms)`)
	b.logIn("seller@example.com")
	b.open(deskPage(event))
	b.until("the chart is drawn", `!!document.querySelector('.chart canvas')`)
	for what, expression := range map[string]string{
		"a minute at midnight is no day": `summed([{ at: '2100-01-01T00:00:00Z', n: 3 }], i => i.n, 4102444800 + 3600)`,
		"a minute that goes on ends now": `summed([{ at: '2100-01-01T00:00:00Z', n: 3 }], i => i.n, 4102444800 + 20)`,
		"a clock that is behind":         `summed([{ at: '2100-01-01T00:00:00Z', n: 3 }], i => i.n, 4102444800 - 60)`,
		"hours, if there are many":       `summed(Array.from({ length: 30 }, (_, n) => ({ at: new Date(4102444800000 + n * 7200000).toISOString(), n: 1 })), i => i.n, 4102444800 + 7200 * 30).map(x => x.slice(0, 3))`,
	} {
		got, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`import('/pages/overtime.js').then(({ summed }) => JSON.stringify(`+expression+`))`, chromedp.EvalAwaitPromise))
		if err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"a minute at midnight is no day": `[[4102444800,4102444860,4102448400],[0,3,3]]`,
			"a minute that goes on ends now": `[[4102444800,4102444820],[0,3]]`,
			"a clock that is behind":         `[[4102444800,4102444800],[0,3]]`,
			"hours, if there are many":       `[[4102444800,4102448400,4102452000],[0,1,1]]`,
		}[what]
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	b.do(js(`window.before = document.querySelector('.chart canvas').toDataURL(); window.ahead = 3600000`))
	b.until("the curve is drawn on to the new now", `document.querySelector('.chart canvas').toDataURL() !== window.before`)
}

// An event whose answer was lost is found again, even if the seller's clock is
// wrong. An older event of the same name is not taken for it.
func TestBrowserEventLost(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	seller := in.Register("seller", "seller@example.com")
	b := openBrowser(in, t)
	b.before(`const ask = window.fetch, now = Date.now; Date.now = () => now() + 3600000
		window.fetch = async (path, how) => {
			if (path !== '/v1/events' || how?.method !== 'POST') return ask(path, how)
			if (sessionStorage.getItem('cut') !== 'request') await ask(path, how)
			throw new TypeError('lost')
		}`)
	draw := func() {
		t.Helper()
		b.open("/sell/new")
		b.fill("name", "Once")
		b.fill("venue_name", "The hall")
		b.fill("starts", "2100-01-01T19:30")
		b.press("Put on sale")
	}
	b.logIn("seller@example.com")
	draw()
	b.until("the desk of the event", `location.pathname === '/sell/1'`)
	b.do(js(`Date.now = () => new Date().getTime(); sessionStorage.setItem('cut', 'request')`))
	draw()
	b.sees("The server does not answer.")
	if !b.is(`location.pathname === '/sell/new'`) {
		t.Error("an event that there was before is taken for the new one")
	}
	var page struct{ Items []struct{} }
	seller.OK("GET", "/v1/events?mine=true", nil, 200, &page)
	if len(page.Items) != 1 {
		t.Errorf("%d events of one", len(page.Items))
	}

	b.fill("lengths-0-0", "10, 600")
	const field = `document.querySelector('[name=lengths-0-0]')`
	if b.is(field+`.validity.valid`) || !b.is(field+`.title.includes('500')`) {
		t.Error("a row of 600 seats is taken for one of 500")
	}
	b.fill("lengths-0-0", "10, 500; 007 12")
	if !b.is(field + `.validity.valid`) {
		t.Error("rows of up to 500 seats are refused")
	}
}

// If the page cannot find out who is logged in, it says so and tries again. A
// visitor with an unknown session is treated as logged out.
func TestBrowserWhoIsThere(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	in.Register("seller", "seller@example.com").CreateHall(5, 10)
	gone := in.Minted(1)[0]
	b := openBrowser(in, t)
	if _, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: httpapi.SessionCookie, Value: gone.Token, URL: in.URL("/")}); err != nil {
		t.Fatal(err)
	}
	b.open("/")
	b.press("The show")
	b.sees("Log in")
	b.sees("live")
	b.do(js(`fetch('/v1/users/me').then(answer => { window.answered = answer.status })`))
	b.until("the session of an account that is gone is none", `window.answered === 401`)

	other := openBrowser(in, t)
	other.before(`const ask = window.fetch; window.away = true
		window.fetch = (path, how) => path === '/v1/users/me' && window.away ? Promise.resolve(new Response('{"code": "unavailable"}', { status: 503 })) : ask(path, how)`)
	if _, err := chromedp.Call(other.ctx, network.SetCookie, network.SetCookieParams{Name: httpapi.SessionCookie, Value: gone.Token, URL: in.URL("/")}); err != nil {
		t.Fatal(err)
	}
	other.open("/")
	other.sees("The service does not answer at the moment.")
	other.do(js(`window.away = false`))
	other.press("Try again")
	other.sees("On sale now")
}

// A visitor without a session is not asked for one: the browser would report the
// refusal as an error on each first visit.
func TestBrowserFirstVisit(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	b := openBrowser(in, t)
	b.before(`const ask = window.fetch; window.asked = []
		window.fetch = (path, how) => { window.asked.push(path); return ask(path, how) }`)
	b.open("/")
	b.sees("Log in")
	b.sees("On sale now")
	if !b.is(`window.asked.length > 0 && !window.asked.includes('/v1/users/me')`) {
		t.Error("a page asks who is logged in although there is no session")
	}
}

// The editor says beside a field why it was refused, and no longer when it changes. It
// writes the names of sections in capitals.
func TestBrowserRefusedFields(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	in.Register("seller", "seller@example.com")
	b := openBrowser(in, t)
	b.logIn("seller@example.com")
	b.open("/sell/new")
	b.fill("name", "Too late")
	b.fill("venue_name", "The hall")
	b.fill("starts", "2020-01-01T19:30")
	b.fill("name-0", "vip 1")
	const name = `document.querySelector('[name=name-0]')`
	b.until("the name is in capitals", name+`.value === 'VIP 1'`)
	if b.is(name+`.validity.valid`) || !b.is(name+`.title.includes('without spaces')`) {
		t.Error("a space in a section's name is not refused, or without a reason")
	}
	b.fill("name-0", "vip1")
	b.press("Put on sale")
	b.until("the date is refused beside its field", `document.querySelector('.start-time .field .refused')?.innerText === 'Choose a time in the future.'`)
	if !b.is(`document.activeElement.name === 'starts' && document.activeElement.ariaInvalid === 'true' && !document.querySelector('.failed')`) {
		t.Errorf("the refused field is not marked, or has no focus; %s", b.said())
	}
	b.fill("starts", "2100-01-01T19:30")
	b.until("the text is gone when the field changes", `!document.querySelector('.refused')`)
}

// Screen readers and the keyboard follow the order that is seen; on a phone
// everything is in one column.
func TestBrowserReadingOrder(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	in.Register("buyer", "buyer@example.com")
	for email, path := range map[string]string{"buyer@example.com": eventPage(event), "seller@example.com": deskPage(event)} {
		b := openBrowser(in, t)
		b.watches(email, path)
		b.fillBlock("A-1")
		if !b.is(`(top => top('aside') === top('.map') && top('.blocks') > top('.map'))(of => document.querySelector('.sale ' + of).getBoundingClientRect().top)`) {
			t.Errorf("%s: on a wide screen the aside is not beside the map", path)
		}
		b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile))
		b.until("it is a phone's page", `document.querySelector('.sale aside').getBoundingClientRect().left < 50`)
		if !b.is(`(parts => parts.length === 4 && parts.every((p, i) => i === 0 || p.getBoundingClientRect().top > parts[i - 1].getBoundingClientRect().top))([...document.querySelectorAll('.sale .map, .sale aside, .sale .blocks, .sale .grid')])`) {
			t.Errorf("%s: the order that is read is not the order that is seen", path)
		}
		if !b.is(`(at => at('.map') < at('aside') && at('aside') < at('.blocks') && at('.blocks') < at('.grid'))(of => document.querySelector('.sale ' + of).getBoundingClientRect().top)`) {
			t.Errorf("%s: on a phone what there is to do does not follow the map", path)
		}
	}
}

// The page gives up on a server that accepts requests and never answers.
func TestBrowserNoAnswer(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	in.Register("buyer", "buyer@example.com")
	b := openBrowser(in, t)
	b.before(`const limit = AbortSignal.timeout; AbortSignal.timeout = ms => limit.call(AbortSignal, ms === 60000 ? 1000 : ms)`)
	b.open("/login")
	b.fill("email", "buyer@example.com")
	b.fill("password", e2e.Password)
	if err := in.Cmd.Process.Signal(syscall.SIGSTOP); err != nil { // stops the proxy; connections stay open
		t.Fatal(err)
	}
	defer in.Cmd.Process.Signal(syscall.SIGCONT)
	b.do(js(`document.querySelector('form').requestSubmit()`))
	b.sees("The server does not answer.")
}

// A Chinese page shows errors in what was typed in Chinese.
func TestBrowserRefusedInChinese(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	buyer.Answered(buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}).ID)
	b := openBrowser(in, t)
	b.before(`localStorage.setItem('language', 'zh-Hant')`)
	b.logIn("buyer@example.com")
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile))
	b.open(eventPage(event))
	b.sees("等待付款")
	b.sees("即時")
	b.shoot("chinese")
	b.fill("card", "4242424242424241")
	b.press("支付")
	b.until("it is refused beside the field", `document.querySelector('.pay .field .refused')?.innerText === '請輸入正確的卡號，共 12 至 19 位數字。'`)
	if !b.is(`document.activeElement.name === 'card' && !document.querySelector('.failed')`) {
		t.Errorf("the refused field does not have the focus, or the text is there twice; %s", b.said())
	}
	b.fill("card", "4242")
	b.until("the text is gone when the field changes", `!document.querySelector('.refused')`)
}
