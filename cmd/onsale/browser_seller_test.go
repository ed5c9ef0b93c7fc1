package main_test

import (
	"testing"

	"github.com/chromedp/chromedp"
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

// Read aloud, and by keyboard, a page has the order that is seen: on a phone all
// is below each other.
func TestBrowserReadingOrder(t *testing.T) {
	t.Parallel()
	in := newInstallation(t)
	in.register("seller", "seller@example.com").createHall(5, 10)
	in.register("buyer", "buyer@example.com")
	for email, path := range map[string]string{"buyer@example.com": "/events/1", "seller@example.com": "/sell/1"} {
		b := in.browser(t)
		b.logIn(email)
		b.open(path)
		b.sees("live")
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
