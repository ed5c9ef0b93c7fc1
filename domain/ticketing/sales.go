package ticketing

import (
	"slices"
	"time"
)

// Sales are what was sold of an event, in minor units of its currency.
type Sales struct {
	Sections []SectionSales // as created
	OverTime []Interval     // ascending, of one width, without empty ones
	// Bookings are all that were given seats, whatever became of them.
	Bookings int
}

// SectionSales are the tickets and the revenue of a section.
type SectionSales struct {
	Section string
	Counts
	Revenue int64
}

// Interval is what was paid from At until the next.
type Interval struct {
	At      time.Time // UTC
	Sold    int
	Revenue int64
}

// Total sums the sections.
func (s Sales) Total() (c Counts, revenue int64) {
	for _, section := range s.Sections {
		c, revenue = c.Add(section.Counts), revenue+section.Revenue
	}
	return c, revenue
}

// MaxIntervals is how many intervals are told at most.
const MaxIntervals = 1440

// widths of intervals, the smallest that is enough is taken.
var widths = []time.Duration{time.Minute, time.Hour, 24 * time.Hour}

// SalesOf adds deltas up: those of all sections, in any order. Their times are
// what was paid when.
func SalesOf(sections []string, deltas []Delta) Sales {
	s := Sales{Sections: make([]SectionSales, len(sections))}
	for i, name := range sections {
		s.Sections[i].Section = name
	}
	for _, d := range deltas {
		s.Bookings += d.Bookings
		if i := slices.Index(sections, d.Section); i >= 0 {
			section := &s.Sections[i]
			section.Counts, section.Revenue = section.Add(d.Counts), section.Revenue+d.Revenue
		}
	}
	for _, width := range widths {
		if s.OverTime = intervals(deltas, width); len(s.OverTime) <= MaxIntervals {
			break
		}
	}
	return s
}

func intervals(deltas []Delta, width time.Duration) []Interval {
	byStart := map[time.Time]Interval{}
	for _, d := range deltas {
		if d.Counts.Sold == 0 && d.Revenue == 0 {
			continue
		}
		at := d.At.UTC().Truncate(width)
		i := byStart[at]
		byStart[at] = Interval{at, i.Sold + d.Counts.Sold, i.Revenue + d.Revenue}
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
