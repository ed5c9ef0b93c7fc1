package main_test

import (
	"testing"
)

// A page says that it is live when its map is: not while the map is on its way,
// at a first visit or after a lost connection.
func TestBrowserLiveIsKnown(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.register("seller", "seller@example.com").createHall(5, 10)
	b := in.browser(t)
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
	b.open("/events/1")
	isNot("at the first visit")
	b.do(js(`dispatchEvent(new Event('offline'))`))
	b.sees("reconnecting")
	b.do(js(`arrive(); dispatchEvent(new Event('online'))`))
	isNot("after a lost connection")
}
