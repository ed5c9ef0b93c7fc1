package ticketing_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

func onSale(t *testing.T) ticketing.Event {
	t.Helper()
	e, err := concert().Validated(now, zones)
	if err != nil {
		t.Fatal(err)
	}
	return ticketing.Event{CatalogueEvent: e, Status: ticketing.OnSale}
}

func TestChange(t *testing.T) {
	e := onSale(t)
	got, err := e.Change(ticketing.Changes{Name: ptr(" Another "), StartsAt: ptr("2027-05-01T10:00:00+02:00"), TimeZone: ptr("Asia/Taipei")}, now, zones)
	if err != nil || got.Name != "Another" || got.VenueName != e.VenueName || got.TimeZone != "Asia/Taipei" ||
		!got.StartsAt.Equal(time.Date(2027, 5, 1, 8, 0, 0, 0, time.UTC)) {
		t.Errorf("%+v %v", got, err)
	}
	for field, c := range map[string]ticketing.Changes{
		"name": {Name: ptr("")}, "venue_name": {VenueName: ptr("\u200b")}, "description": {Description: ptr("a\x00")},
		"starts_at": {StartsAt: ptr("2001-01-01T00:00:00Z")}, "time_zone": {TimeZone: ptr("")},
	} {
		_, err := e.Change(c, now, zones)
		if r, ok := domain.AsRefusal(err); !ok || r.Fields[0].Field.String() != field {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestWithPrice(t *testing.T) {
	e := onSale(t)
	got, err := e.WithPrice("B", ptr(int64(77)))
	if err != nil || got.Sections[1].Price != 77 || e.Sections[1].Price != 1 {
		t.Errorf("%+v %v", got.Sections[1], err)
	}
	closed, _ := e.Close()
	for name, c := range map[string]struct {
		event   ticketing.Event
		section string
		price   *int64
		code    string
	}{
		"no such section": {e, "Z", ptr(int64(1)), "section_not_found"},
		"no price":        {e, "B", nil, "invalid_request"},
		"a price of 0":    {e, "B", ptr(int64(0)), "invalid_request"},
		"a closed sale":   {closed, "B", ptr(int64(1)), "event_closed"},
	} {
		_, err := c.event.WithPrice(c.section, c.price)
		if r, ok := domain.AsRefusal(err); !ok || r.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestArchive(t *testing.T) {
	e := onSale(t)
	if _, err := e.Archive(); !refusedWith(err, "event_on_sale") {
		t.Errorf("on sale: %v", err)
	}
	closed, err := e.Close()
	if err != nil || closed.Status != ticketing.Closed || !closed.Closed || closed.Archived {
		t.Errorf("%+v %v", closed, err)
	}
	archived, err := closed.Archive()
	if err != nil || archived.Status != ticketing.Archived || !archived.Closed || !archived.Archived {
		t.Errorf("%+v %v", archived, err)
	}
	if again, err := archived.Archive(); err != nil || again.Status != ticketing.Archived {
		t.Errorf("again: %+v %v", again, err)
	}
	_, closing := archived.Close()
	_, pricing := archived.WithPrice("B", ptr(int64(1)))
	_, naming := archived.Change(ticketing.Changes{Name: ptr("Another")}, now, zones)
	for what, err := range map[string]error{"close": closing, "price": pricing, "name": naming} {
		if !refusedWith(err, "event_archived") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestToArchive(t *testing.T) {
	e := onSale(t)
	if _, err := e.ToArchive(); !refusedWith(err, "event_on_sale") {
		t.Errorf("on sale: %v", err)
	}
	closed, _ := e.Close()
	asked, err := closed.ToArchive()
	if err != nil || asked.Status != ticketing.Archiving || !asked.Closed || asked.Archived {
		t.Errorf("%+v %v", asked, err)
	}
	for what, again := range map[string]func() (ticketing.Event, error){"asked again": asked.ToArchive, "closed again": asked.Close} {
		if e, err := again(); err != nil || e.Status != ticketing.Archiving || !e.Closed {
			t.Errorf("%s: %+v %v", what, e, err)
		}
	}
	if _, err := asked.WithPrice("B", ptr(int64(1))); !refusedWith(err, "event_closed") {
		t.Errorf("price: %v", err)
	}
	archived, err := asked.Archive()
	if err != nil || archived.Status != ticketing.Archived || !archived.Archived {
		t.Errorf("%+v %v", archived, err)
	}
	if e, err := archived.ToArchive(); err != nil || e.Status != ticketing.Archived {
		t.Errorf("asked for an archive that is there: %+v %v", e, err)
	}
}

func refusedWith(err error, code string) bool {
	r, ok := domain.AsRefusal(err)
	return ok && r.Code == code
}

func TestSalesOf(t *testing.T) {
	at := func(minutes int) time.Time { return now.Add(time.Duration(minutes) * time.Minute) }
	deltas := []ticketing.Delta{
		{Section: "A", Counts: ticketing.Counts{Available: 10}, At: at(-999)},
		{Section: "A", Counts: ticketing.Counts{Available: -3, Reserved: 3}, At: at(0)},
		{Section: "A", Counts: ticketing.Counts{Reserved: -2, Sold: 2}, Revenue: 200, At: at(5)},
		{Section: "B", Counts: ticketing.Counts{Reserved: -1, Sold: 1}, Revenue: 50, At: at(5).Add(30 * time.Second)},
		{Section: "A", Counts: ticketing.Counts{Reserved: -1, Sold: 1}, Revenue: 100, At: at(3)},
	}
	s := ticketing.SalesOf([]string{"A", "B"}, deltas)
	total, revenue := s.Total()
	if revenue != 350 || total.Sold != 4 || s.Sections[0].Counts != (ticketing.Counts{Available: 7, Sold: 3}) || s.Sections[1].Revenue != 50 {
		t.Errorf("%+v", s)
	}
	if len(s.OverTime) != 2 || s.OverTime[0] != (ticketing.Interval{At: at(3), Sold: 1, Revenue: 100}) || s.OverTime[1] != (ticketing.Interval{At: at(5), Sold: 3, Revenue: 250}) {
		t.Errorf("%+v", s.OverTime)
	}

	many := deltas[:0:0]
	for m := range 2000 {
		many = append(many, ticketing.Delta{Section: "A", Counts: ticketing.Counts{Sold: 1}, Revenue: 1, At: at(m)})
	}
	s = ticketing.SalesOf([]string{"A"}, many)
	sold := 0
	for _, i := range s.OverTime {
		sold += i.Sold
		if i.At.Minute() != 0 {
			t.Fatalf("an hour begins at %s", i.At)
		}
	}
	if len(s.OverTime) != 34 || sold != 2000 {
		t.Errorf("%d intervals, %d sold", len(s.OverTime), sold)
	}
}
