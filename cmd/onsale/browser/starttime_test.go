package browser_test

import (
	"strconv"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// The editor refuses a time that the venue's clocks skip and offers its neighbours. It
// asks which one is meant of a time that they show twice, and it takes no year of five
// digits.
func TestBrowserStartTime(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	seller := in.Register("seller", "seller@example.com")
	b := openBrowser(in, t)
	b.logIn("seller@example.com")
	newest := func() (event struct {
		Name     string
		StartsAt string `json:"starts_at"`
	}) {
		t.Helper()
		var page struct{ Items []struct{ ID int64 } }
		seller.OK("GET", "/v1/events?mine=true", nil, 200, &page)
		if len(page.Items) > 0 {
			seller.OK("GET", "/v1/events/"+strconv.FormatInt(page.Items[0].ID, 10), nil, 200, &event)
		}
		return event
	}
	draft := func(name, starts string) {
		t.Helper()
		b.open("/sell/new")
		b.fill("name", name)
		b.fill("venue_name", "The hall")
		b.fill("time_zone", "Europe/Berlin")
		b.fill("starts", starts)
	}

	draft("Skipped", "2099-03-29T02:30")
	b.sees("02:30 does not exist on this day in Europe/Berlin")
	b.press("Put on sale")
	if b.is(`document.querySelector('form.editor').checkValidity()`) || newest().Name != "" {
		t.Error("a time that does not exist is sent")
	}
	b.sees("Use 01:59")
	b.press("Use 03:00")
	b.until("it is no longer refused", `document.querySelector('[name=starts]').value === '2099-03-29T03:00' && document.querySelector('form.editor').checkValidity()`)
	b.press("Put on sale")
	b.sees("Sold over time")
	if event := newest(); event.Name != "Skipped" || event.StartsAt != "2099-03-29T01:00:00Z" {
		t.Errorf("the event is %+v", event)
	}

	draft("Twice", "2099-10-25T02:30")
	b.sees("02:30 happens twice on this day in Europe/Berlin")
	if b.is(`document.querySelector('form.editor').checkValidity()`) {
		t.Error("a time that exists twice is sent without a choice")
	}
	b.do(js(`document.querySelectorAll('[name=starts_at]')[1].click()`))
	b.open("/sell/new") // the choice is part of the draft
	b.until("the choice is kept", `document.querySelectorAll('[name=starts_at]')[1]?.checked`)
	b.press("Put on sale")
	b.sees("Sold over time")
	if event := newest(); event.Name != "Twice" || event.StartsAt != "2099-10-25T01:30:00Z" {
		t.Errorf("the event is %+v", event)
	}
	if !b.has("UTC+01:00") {
		t.Errorf("its page does not say which of the two it is; %s", b.said())
	}

	draft("Far", "12027-03-28T02:30")
	b.sees("The year must have four digits.")
	b.press("中文")
	b.sees("年份須為四位數")
	b.press("開始售票")
	if b.is(`document.querySelector('form.editor').checkValidity()`) || newest().Name != "Twice" {
		t.Error("a year of five digits is sent")
	}
}
