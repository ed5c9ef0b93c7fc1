package audit

import (
	"time"

	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// counts counts the tickets again (I10).
func (a *auditor) counts(event ticketing.CatalogueEvent, tickets []ticketing.Ticket, told []ticketing.Counts) {
	counted := map[string]*ticketing.Counts{}
	for _, s := range event.Sections {
		counted[s.Layout.Name] = &ticketing.Counts{}
	}
	for _, t := range tickets {
		if c := counted[t.Seat.Section]; c != nil {
			c.Of(t.Status, 1)
		}
	}
	for i, s := range event.Sections {
		c, seats := *counted[s.Layout.Name], s.Layout.SeatCount()
		if c.Available+c.Reserved+c.Sold != seats {
			a.report.violate("I10", "event %d section %s has %d seats and tickets %+v", event.ID, s.Layout.Name, seats, c)
		}
		if i >= len(told) || told[i] != c {
			a.report.violate("I10", "event %d section %s: tickets are %+v, the counts say %+v", event.ID, s.Layout.Name, c, told)
		}
	}
}

// sales adds up what was sold, from the tickets and the times at which their
// bookings were paid, and compares it with the sums of the deltas (I10). Tickets
// and deltas change in one transaction, so they agree at any time.
func (a *auditor) sales(event ticketing.CatalogueEvent, tickets []ticketing.Ticket, deltas []ticketing.Delta) {
	type place struct {
		section string
		minute  time.Time
	}
	type sum struct {
		sold    int
		revenue int64
	}
	want, told := map[place]sum{}, map[place]sum{}
	add := func(to map[place]sum, section string, at time.Time, sold int, revenue int64) {
		key := place{section, at.UTC().Truncate(time.Minute)}
		is := to[key]
		to[key] = sum{is.sold + sold, is.revenue + revenue}
	}
	for _, t := range tickets {
		if t.Status == ticketing.Sold {
			var at time.Time
			if b := a.known[t.BookingID]; b != nil {
				at = b.PaidAt
			}
			add(want, t.Seat.Section, at, 1, t.Price)
		}
	}
	for _, d := range deltas {
		if d.Counts.Sold != 0 || d.Revenue != 0 {
			add(told, d.Section, d.At, d.Counts.Sold, d.Revenue)
		}
	}
	report := func(key place) {
		a.report.violate("I10", "event %d section %s at %s: %d tickets were sold for %d, the deltas say %d for %d", event.ID, key.section,
			key.minute.Format(time.RFC3339), want[key].sold, want[key].revenue, told[key].sold, told[key].revenue)
	}
	for key := range want {
		if want[key] != told[key] {
			report(key)
		}
	}
	for key, is := range told {
		if _, both := want[key]; !both && is != (sum{}) {
			report(key)
		}
	}
}
