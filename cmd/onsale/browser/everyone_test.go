package browser_test

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// Pages are accessible: axe-core finds no fault in any of them, in light and in
// dark colours. Each page has a title of its own, and a new page has the focus at
// its top.
func TestBrowserEveryone(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateHall(5, 10)
	buyer := in.Register("buyer", "buyer@example.com")
	paid := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(paid.ID)
	buyer.OK("POST", "/v1/bookings/"+paid.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
	b := openBrowser(in, t)
	titles := map[string]string{}
	look := func(path, sees string, then ...func()) {
		t.Helper()
		b.open(path)
		b.sees(sees)
		for _, f := range then {
			f()
		}
		for _, scheme := range []string{"light", "dark"} {
			b.prefers(scheme)
			b.accessible(path + " in " + scheme)
		}
		if path == eventPage(event) {
			b.shoot("dark")
		}
		title, err := chromedp.Run(b.ctx, chromedp.Title())
		if err != nil {
			t.Fatal(err)
		}
		if other, taken := titles[title]; taken {
			t.Errorf("%s and %s are both called %s", path, other, title)
		}
		titles[title] = path
	}

	look("/", "On sale now")
	look("/nowhere", "Page not found")
	look("/api", "TicketReservedRequest")
	look("/login", "Create an account")
	b.logIn("buyer@example.com")
	look(eventPage(event), "live", func() { b.fillBlock("A-1"); b.seat(2, 3); b.sees("Book 1 for") })
	look("/bookings", "A-1-1-1")
	look("/bookings/"+paid.ID, "Tickets as PDF", func() {
		b.until("the codes are drawn", `[...document.querySelectorAll('.tickets img')].filter(i => i.naturalWidth > 0).length === 2`)
	})
	b.press("My bookings")
	b.until("the new page has the focus", `document.activeElement.id === 'content'`)
	b.press("Log out")
	b.logIn("seller@example.com")
	look("/sell", "My events")
	look("/sell/new", "Preview")
	look(deskPage(event), "buyer@example.com")
}

// prefers sets the preferred colour scheme.
func (b *tab) prefers(scheme string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	if err != nil {
		b.t.Fatal(err)
	}
}

// accessible fails the test if axe-core finds a fault in the page as it stands.
func (b *tab) accessible(what string) {
	b.t.Helper()
	axe, err := os.ReadFile(e2e.Root("testdata/axe/axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(js(string(axe)))
	text, err := chromedp.Run(b.ctx, chromedp.Evaluate[string](`axe.run({ resultTypes: ['violations'] }).then(r => JSON.stringify({
		passed: r.passes.length, violations: r.violations.map(v => ({ help: v.help, nodes: v.nodes.slice(0, 4).map(n => n.html + ' ' + n.failureSummary) })) }))`, chromedp.EvalAwaitPromise))
	if err != nil {
		b.t.Fatal(err)
	}
	var found struct {
		Passed     int
		Violations []struct {
			Help  string
			Nodes []string
		}
	}
	if err := json.Unmarshal([]byte(text), &found); err != nil {
		b.t.Fatal(err)
	}
	if found.Passed < 10 {
		b.t.Errorf("%s: only %d rules were looked at", what, found.Passed)
	}
	for _, v := range found.Violations {
		b.t.Errorf("%s: %s\n%s", what, v.Help, strings.Join(v.Nodes, "\n"))
	}
}

// A pinch with two fingers enlarges the map around their middle.
func TestBrowserPinch(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateEvent("The on-sale")
	b := openBrowser(in, t)
	b.do(chromedp.EmulateViewport(390, 844, chromedp.EmulateScale(2), chromedp.EmulateMobile))
	if _, err := chromedp.Call(b.ctx, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: true, MaxTouchPoints: 2}); err != nil {
		t.Fatal(err)
	}
	b.open(eventPage(event))
	b.sees("live")
	b.do(js(`document.querySelector('canvas').scrollIntoView({ block: 'center' })`))
	place, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](`(r => [r.left + r.width / 2, r.top + r.height / 2])(document.querySelector('canvas').getBoundingClientRect())`))
	if err != nil {
		t.Fatal(err)
	}
	touch := func(kind input.DispatchTouchEventType, apart ...float64) {
		t.Helper()
		points := []*input.TouchPoint{}
		for i, dx := range apart {
			id := float64(i)
			points = append(points, &input.TouchPoint{X: place[0] + dx, Y: place[1], ID: &id})
		}
		if _, err := chromedp.Call(b.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points}); err != nil {
			t.Fatal(err)
		}
	}
	b.do(js(`window.before = onsaleView.scale`))
	if !b.is(`onsaleView.scale < 5`) {
		t.Error("single seats are drawn of a whole hall on a phone")
	}
	touch(input.DispatchTouchEventTypeTouchStart, -20, 20)
	for _, dx := range []float64{40, 80, 120, 160} {
		touch(input.DispatchTouchEventTypeTouchMove, -dx, dx)
	}
	touch(input.DispatchTouchEventTypeTouchEnd)
	b.until("eight times as near", `Math.abs(onsaleView.scale / before - 8) < 0.5`)
	b.until("nothing of the page is wider than the phone", fmt.Sprintf(`document.documentElement.scrollWidth <= %d`, 390))
}

// A mouse: a click on a block and the wheel zoom in. A seat under the pointer
// shows its details, a click picks it, and dragging moves the map and picks
// nothing.
func TestBrowserMouse(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateEvent("The on-sale")
	b := openBrowser(in, t)
	b.open(eventPage(event))
	b.sees("live")
	b.until("the whole hall is drawn", `onsaleView.scale < 5 && onsaleView.drawn`)
	// on returns where on the page a seat is.
	on := func(seat string) (x, y float64) {
		t.Helper()
		at, err := chromedp.Run(b.ctx, chromedp.Evaluate[[]float64](fmt.Sprintf(`((v, r) => { const s = v.hall.seat(v.hall.find(%q)); return [r.left + (s.x + 0.5 - v.x) * v.scale, r.top + (s.y + 0.5 - v.y) * v.scale] })(onsaleView, onsaleView.canvas.getBoundingClientRect())`, seat)))
		if err != nil {
			t.Fatal(err)
		}
		return at[0], at[1]
	}
	mouse := func(kind input.DispatchMouseEventType, x, y float64, more input.DispatchMouseEventParams) {
		t.Helper()
		more.Type, more.X, more.Y = kind, x, y
		if _, err := chromedp.Call(b.ctx, input.DispatchMouseEvent, more); err != nil {
			t.Fatal(err)
		}
	}
	pressed := input.DispatchMouseEventParams{Button: input.MouseButtonLeft, ClickCount: 1}
	click := func(seat string) {
		t.Helper()
		x, y := on(seat)
		mouse(input.DispatchMouseEventTypeMousePressed, x, y, pressed)
		mouse(input.DispatchMouseEventTypeMouseReleased, x, y, pressed)
	}

	click("B-7-10-12")
	b.until("the block is near, and its grid is there", `onsaleView.scale > 10 && !!document.querySelector('[aria-label="Seats of block B-7"]')`)
	x, y := on("B-7-10-12")
	mouse(input.DispatchMouseEventTypeMouseMoved, x, y, input.DispatchMouseEventParams{})
	b.until("the seat says what it is", `document.querySelector('.tip').innerText === 'B-7 · row 10 seat 12, free · NT$2,000'`)
	b.do(js(`window.before = onsaleView.scale`))
	mouse(input.DispatchMouseEventTypeMouseWheel, x, y, input.DispatchMouseEventParams{DeltaX: 0.01, DeltaY: -200})
	b.until("the wheel came nearer", `onsaleView.scale > before * 1.2`)
	if nx, ny := on("B-7-10-12"); math.Abs(nx-x)+math.Abs(ny-y) > 2 {
		t.Errorf("the seat went from %v, %v to %v, %v under the mouse", x, y, nx, ny)
	}
	mouse(input.DispatchMouseEventTypeMousePressed, x, y, pressed)
	mouse(input.DispatchMouseEventTypeMouseMoved, x+80, y+40, pressed)
	mouse(input.DispatchMouseEventTypeMouseReleased, x+80, y+40, pressed)
	if nx, ny := on("B-7-10-12"); math.Abs(nx-x-80)+math.Abs(ny-y-40) > 2 || b.is(`onsaleView.picked.size > 0`) {
		t.Errorf("a drag of 80, 40 went from %v, %v to %v, %v", x, y, nx, ny)
	}
	click("B-7-10-12")
	b.sees("Log in as a buyer")
	b.until("it is picked", `document.querySelector('.picks').innerText === 'B-7-10-12'`)
	click("B-7-10-12")
	b.until("it is let go", `!document.querySelector('.picks')`)
}

// A block of 20,000 seats is too large for one picture and one grid. Zoomed in,
// only the visible seats are drawn, and the grid shows some rows at a time.
func TestBrowserLargeBlock(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	seller := in.Register("seller", "seller@example.com")
	status, body := seller.Call("POST", "/v1/events", map[string]any{
		"name": "One block", "venue_name": "The field", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR",
		"seating": map[string]any{"sections": []map[string]any{{"name": "A", "price": 5000, "subsections": []map[string]any{{"number": 1, "rows": 100, "seats_per_row": 200}}}}},
	})
	event := seller.Opened(status, body)
	b := openBrowser(in, t)
	b.open(eventPage(event))
	b.sees("live")
	b.fillBlock("A-1")
	b.sees("Rows 1 to 7")
	b.press("Rows after")
	b.until("the next rows", `document.querySelector('.grid button').dataset.row === '7'`)
	b.do(js(`const last = document.querySelector('[data-row="13"][data-col="5"]'); last.focus()`), chromedp.KeyEvent(kb.ArrowDown))
	b.until("an arrow leads on", `document.activeElement.matches('[data-row="14"][data-col="5"]')`)
	b.do(chromedp.KeyEvent(kb.ArrowUp))
	b.until("and back", `document.activeElement.matches('[data-row="13"][data-col="5"]')`)
	b.do(js(`onsaleView.zoom(1000)`)) // the largest scale
	b.until("a seat in the middle is drawn", `(v => {
		const s = v.hall.at(v.x + v.canvas.clientWidth / v.scale / 2, v.y + v.canvas.clientHeight / v.scale / 2) // its disc, above its number:
		return v.scale === 40 && s && [...v.context.getImageData((s.x + 0.5 - v.x) * v.scale * v.ratio, (s.y + 0.2 - v.y) * v.scale * v.ratio, 1, 1).data].join() === '46,125,79,255'
	})(onsaleView)`)
	if !b.is(`[...onsaleView.pictures.values()].every(p => p.width * p.height <= 16e6)`) {
		t.Error("a picture is larger than a phone's browser holds")
	}
}
