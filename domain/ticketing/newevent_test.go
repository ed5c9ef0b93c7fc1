package ticketing_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

func zones(name string) bool { return name == "UTC" || name == "Asia/Taipei" }

func ptr[T any](v T) *T { return &v }

func grid(rows, seats int) ticketing.Grid {
	return ticketing.Grid{Rows: ptr(rows), SeatsPerRow: ptr(seats)}
}

// concert has each shape of seating once.
func concert() ticketing.NewEvent {
	return ticketing.NewEvent{
		Name: " The show ", VenueName: "The hall", StartsAt: "2026-12-24T20:00:00+08:00", Currency: "TWD",
		Seating: ticketing.NewSeating{Grid: grid(20, 25), Sections: []ticketing.NewSection{
			{Name: "A", Price: ptr(int64(200000)), Count: ptr(10)},
			{Name: "B", Price: ptr(int64(1)), Subsections: []ticketing.NewSubsection{
				{Number: ptr(1), Grid: grid(2, 3)},
				{Number: ptr(3), Rows: []ticketing.NewRow{{Number: ptr(1), Seats: []int{1, 2, 4}}, {Number: ptr(5), Seats: []int{7}}}},
				{Number: ptr(4)},
			}},
		}},
	}
}

func TestNewEvent(t *testing.T) {
	e, err := concert().Validated(now, zones)

	if err != nil {
		t.Fatal(err)
	}
	if e.Name != "The show" || e.TimeZone != "UTC" || e.MaxTickets != 4 || !e.StartsAt.Equal(time.Date(2026, 12, 24, 12, 0, 0, 0, time.UTC)) {
		t.Errorf("got %+v", e)
	}
	if n := e.SeatCount(); n != 10*500+6+4+500 {
		t.Errorf("%d seats", n)
	}
	for seat, want := range map[string]bool{"A-10-20-25": true, "A-11-1-1": false, "B-3-1-3": false, "B-3-1-4": true, "B-2-1-1": false, "C-1-1-1": false} {
		id, _ := domain.ParseSeatID(seat)
		if e.HasSeat(id) != want {
			t.Errorf("seat %s: %v", seat, !want)
		}
	}
}

// What was sent in another order is the same hall.
func TestNewEventInAnyOrder(t *testing.T) {
	mixed := concert()
	subsections := mixed.Seating.Sections[1].Subsections
	slices.Reverse(subsections)
	slices.Reverse(subsections[1].Rows)
	subsections[1].Rows[1].Seats = []int{4, 1, 2}

	got, err := mixed.Validated(now, zones)

	want, _ := concert().Validated(now, zones)
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v\ngot  %+v\nwant %+v", err, got, want)
	}
}

func TestNewEventRefuses(t *testing.T) {
	sections := func(n *ticketing.NewEvent) []ticketing.NewSection { return n.Seating.Sections }
	for name, c := range map[string]struct {
		change      func(*ticketing.NewEvent)
		field, code string
	}{
		"no name":              {func(n *ticketing.NewEvent) { n.Name = "" }, "name", "required"},
		"a long name":          {func(n *ticketing.NewEvent) { n.Name = strings.Repeat("長", 129) }, "name", "too_long"},
		"an override":          {func(n *ticketing.NewEvent) { n.VenueName = "a\u202eb" }, "venue_name", "invalid_characters"},
		"a bell":               {func(n *ticketing.NewEvent) { n.Description = "line\n\ttab\a" }, "description", "invalid_characters"},
		"no start":             {func(n *ticketing.NewEvent) { n.StartsAt = "" }, "starts_at", "required"},
		"a start without zone": {func(n *ticketing.NewEvent) { n.StartsAt = "2027-01-01T00:00:00" }, "starts_at", "invalid"},
		"an offset of a day":   {func(n *ticketing.NewEvent) { n.StartsAt = "2027-01-01T00:00:00+24:00" }, "starts_at", "invalid"},
		"the largest offset":   {func(n *ticketing.NewEvent) { n.StartsAt, n.Name = "2027-01-01T00:00:00-23:59", "" }, "name", "required"},
		"an hour of one digit": {func(n *ticketing.NewEvent) { n.StartsAt = "2027-01-01T1:00:00Z" }, "starts_at", "invalid"},
		"a decimal comma":      {func(n *ticketing.NewEvent) { n.StartsAt = "2027-01-01T00:00:00,5Z" }, "starts_at", "invalid"},
		"a start in the past":  {func(n *ticketing.NewEvent) { n.StartsAt = "2026-11-25T11:59:59Z" }, "starts_at", "in_the_past"},
		"a zone of its own":    {func(n *ticketing.NewEvent) { n.TimeZone = "Mars/Olympus" }, "time_zone", "unknown"},
		"the machine's zone":   {func(n *ticketing.NewEvent) { n.TimeZone = "Local" }, "time_zone", "unknown"},
		"no currency":          {func(n *ticketing.NewEvent) { n.Currency = "" }, "currency", "required"},
		"gold":                 {func(n *ticketing.NewEvent) { n.Currency = "XAU" }, "currency", "unknown"},
		"none per booking":     {func(n *ticketing.NewEvent) { n.MaxTickets = ptr(0) }, "max_tickets_per_booking", "out_of_range"},
		"21 per booking":       {func(n *ticketing.NewEvent) { n.MaxTickets = ptr(21) }, "max_tickets_per_booking", "out_of_range"},
		"no section":           {func(n *ticketing.NewEvent) { n.Seating.Sections = nil }, "seating.sections", "required"},
		"a name in lower case": {func(n *ticketing.NewEvent) { sections(n)[1].Name = "b" }, "seating.sections.1.name", "invalid"},
		"a name twice":         {func(n *ticketing.NewEvent) { sections(n)[1].Name = "A" }, "seating.sections.1.name", "duplicate"},
		"no price":             {func(n *ticketing.NewEvent) { sections(n)[0].Price = nil }, "seating.sections.0.price", "required"},
		"a price of 0":         {func(n *ticketing.NewEvent) { sections(n)[0].Price = ptr(int64(0)) }, "seating.sections.0.price", "out_of_range"},
		"a price beyond":       {func(n *ticketing.NewEvent) { sections(n)[0].Price = ptr(int64(domain.MaxPrice + 1)) }, "seating.sections.0.price", "out_of_range"},
		"no subsections":       {func(n *ticketing.NewEvent) { sections(n)[0].Count = nil }, "seating.sections.0.subsections", "required"},
		"0 subsections":        {func(n *ticketing.NewEvent) { sections(n)[0].Count = ptr(0) }, "seating.sections.0.subsections", "out_of_range"},
		"a seat below 1":       {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[1].Rows[0].Seats[0] = 0 }, "seating.sections.1.subsections.1.rows.0.seats.0", "out_of_range"},
		"a seat twice":         {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[1].Rows[0].Seats[1] = 1 }, "seating.sections.1.subsections.1.rows.0.seats.1", "duplicate"},
		"a row twice":          {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[1].Rows[1].Number = ptr(1) }, "seating.sections.1.subsections.1.rows.1.row", "duplicate"},
		"a subsection twice":   {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[2].Number = ptr(1) }, "seating.sections.1.subsections.2.number", "duplicate"},
		"a row without seats":  {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[1].Rows[1].Seats = nil }, "seating.sections.1.subsections.1.rows.1.seats", "required"},
		"a number left out":    {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[0].Number = nil }, "seating.sections.1.subsections.0.number", "required"},
		"no rows in the hall":  {func(n *ticketing.NewEvent) { n.Seating.Rows = nil }, "seating.rows", "required"},
		"10,000 rows":          {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[0].Grid.Rows = ptr(10000) }, "seating.sections.1.subsections.0.rows", "out_of_range"},
		"too many seats":       {func(n *ticketing.NewEvent) { sections(n)[0].Count = ptr(9999) }, "seating", "too_many_seats"},
		"too many subsections": {func(n *ticketing.NewEvent) {
			n.Seating.Grid, sections(n)[0].Count = grid(1, 1), ptr(9998)
		}, "seating", "too_many_subsections"},
		"too many listed ones": {func(n *ticketing.NewEvent) {
			n.Seating.Grid, sections(n)[0].Count = grid(1, 1), ptr(9998)
			n.Seating.Sections = append(sections(n)[:1], sections(n)...)
			n.Seating.Sections[1].Name = "C"
		}, "seating", "too_many_subsections"},
		"too many sections": {func(n *ticketing.NewEvent) {
			n.Seating.Sections = make([]ticketing.NewSection, ticketing.MaxSections+1)
		}, "seating.sections", "too_many_sections"},
		"too many, irregularly": {func(n *ticketing.NewEvent) { sections(n)[1].Subsections[0].Grid = grid(9999, 9999) }, "seating", "too_many_seats"},
	} {
		t.Run(name, func(t *testing.T) {
			n := concert()
			c.change(&n)

			_, err := n.Validated(now, zones)

			refusal, ok := domain.AsRefusal(err)
			if !ok || refusal.Fields[0].Field.String() != c.field || refusal.Fields[0].Code != c.code {
				t.Fatalf("got %v %+v", err, refusal)
			}
		})
	}
}
