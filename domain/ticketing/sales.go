package ticketing

import (
	"slices"
	"time"
)

// Sales is what was sold of an event, in minor units of its currency.
type Sales struct {
	Sections []SectionSales // in the order of creation
	OverTime []Interval     // ascending, of one width, without empty ones
	// Bookings is the number of bookings that got seats, also of those that were
	// cancelled later.
	Bookings int
}

// SectionSales is the tickets and the revenue of a section.
type SectionSales struct {
	Section string
	Counts
	Revenue int64
}

// Interval is what was paid in an interval that begins at At.
type Interval struct {
	At      time.Time // UTC
	Sold    int
	Revenue int64
}

// Total returns the sum of the sections.
func (s Sales) Total() (c Counts, revenue int64) {
	for _, section := range s.Sections {
		c, revenue = c.Add(section.Counts), revenue+section.Revenue
	}
	return c, revenue
}

// MaxIntervals is the greatest length of Sales.OverTime.
const MaxIntervals = 1440

// widths are the possible widths of an interval.
var widths = []time.Duration{time.Minute, time.Hour, 24 * time.Hour}

// SalesOf sums the deltas of all sections, in any order.
func SalesOf(sections []string, deltas []Delta) Sales {
	s := Sales{Sections: make([]SectionSales, len(sections))}
	for i, name := range sections {
		s.Sections[i].Section = name
	}
	var paid []Interval
	for _, d := range deltas {
		s.Bookings += d.Bookings
		if i := slices.Index(sections, d.Section); i >= 0 {
			section := &s.Sections[i]
			section.Counts, section.Revenue = section.Add(d.Counts), section.Revenue+d.Revenue
		}
		paid = append(paid, Interval{d.At, d.Counts.Sold, d.Revenue})
	}
	s.OverTime = OverTime(paid)
	return s
}

// OverTime sums payments in intervals of the smallest width that leads to at most
// MaxIntervals of them. The payments may come in any order.
func OverTime(paid []Interval) []Interval {
	var out []Interval
	for _, width := range widths {
		if out = intervals(paid, width); len(out) <= MaxIntervals {
			break
		}
	}
	return out
}

func intervals(paid []Interval, width time.Duration) []Interval {
	byStart := map[time.Time]Interval{}
	for _, p := range paid {
		at := p.At.UTC().Truncate(width)
		sum := byStart[at]
		byStart[at] = Interval{at, sum.Sold + p.Sold, sum.Revenue + p.Revenue}
	}
	out := make([]Interval, 0, len(byStart))
	for _, i := range byStart {
		if i.Sold != 0 || i.Revenue != 0 {
			out = append(out, i)
		}
	}
	slices.SortFunc(out, func(a, b Interval) int { return a.At.Compare(b.At) })
	return out
}
