package ticketing

import "time"

// EventStatus is where an event stands.
type EventStatus string

// The statuses of an event. One that is creating is shown to nobody.
const (
	Creating EventStatus = "creating"
	OnSale   EventStatus = "on_sale"
	Closed   EventStatus = "closed"
)

// Event is an event as it stands in the record.
type Event struct {
	CatalogueEvent
	Status EventStatus
	// Counts of each section, in the order of Sections; nil where they were not
	// asked for.
	Counts []Counts
}

// Counts are the tickets in each status.
type Counts struct {
	Available, Reserved, Sold int
}

// Add is the sum of two.
func (c Counts) Add(d Counts) Counts {
	return Counts{c.Available + d.Available, c.Reserved + d.Reserved, c.Sold + d.Sold}
}

// Of counts one ticket in a status.
func (c *Counts) Of(s Status, n int) {
	switch s {
	case Available:
		c.Available += n
	case Reserved:
		c.Reserved += n
	case Sold:
		c.Sold += n
	}
}

// Total are the counts of the whole event.
func (e Event) Total() Counts {
	var sum Counts
	for _, c := range e.Counts {
		sum = sum.Add(c)
	}
	return sum
}

// Delta is what one message changed in the counts of a section; the counts are
// the sum of all deltas, so that no row is shared by two writers.
type Delta struct {
	Section string
	Counts  Counts // differences
	Revenue int64  // of what became SOLD, minor units
	// Bookings are those whose seats were heard of for the first time.
	Bookings int
	At       time.Time // when it was decided: paid_at of what became SOLD
}

// Listed is a ticket as its seller sees it: while AVAILABLE its price is the
// section's price now.
type Listed struct {
	Ticket
	HolderName, HolderEmail string
}
