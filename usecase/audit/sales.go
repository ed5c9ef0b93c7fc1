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

// revenue adds up the prices of the sold tickets and compares them with the sums
// of the deltas (I10). Tickets and deltas change in one transaction, so they agree
// at any time.
func (a *auditor) revenue(event ticketing.CatalogueEvent, tickets []ticketing.Ticket, told []int64) {
	want := map[string]int64{}
	for _, t := range tickets {
		if t.Status == ticketing.Sold {
			want[t.Seat.Section] += t.Price
		}
	}
	for i, s := range event.Sections {
		if name := s.Layout.Name; i >= len(told) || told[i] != want[name] {
			a.report.violate("I10", "event %d section %s: tickets were sold for %d, the sums say %v", event.ID, name, want[name], told)
		}
	}
}

// overTime compares the sold tickets and the times at which their bookings were
// paid with what the sums say was sold in each minute (I10).
func (a *auditor) overTime(event ticketing.CatalogueEvent, tickets []ticketing.Ticket, told []ticketing.Interval) {
	want, is := map[time.Time]ticketing.Interval{}, map[time.Time]ticketing.Interval{}
	add := func(to map[time.Time]ticketing.Interval, at time.Time, sold int, revenue int64) {
		at = at.UTC().Truncate(time.Minute)
		to[at] = ticketing.Interval{At: at, Sold: to[at].Sold + sold, Revenue: to[at].Revenue + revenue}
	}
	for _, t := range tickets {
		if t.Status == ticketing.Sold {
			var at time.Time
			if b := a.known[t.BookingID]; b != nil {
				at = b.PaidAt
			}
			add(want, at, 1, t.Price)
		}
	}
	for _, i := range told {
		add(is, i.At, i.Sold, i.Revenue)
	}
	for at := range is {
		if _, both := want[at]; !both {
			want[at] = ticketing.Interval{At: at}
		}
	}
	for at, w := range want {
		if is[at].Sold != w.Sold || is[at].Revenue != w.Revenue {
			a.report.violate("I10", "event %d at %s: %d tickets were sold for %d, the sums say %d for %d", event.ID, at.Format(time.RFC3339), w.Sold, w.Revenue, is[at].Sold, is[at].Revenue)
		}
	}
}
