package ticketing

import "time"

// EventStatus is the status of an event.
type EventStatus string

// The statuses of an event. Nobody sees an event that is creating.
const (
	Creating  EventStatus = "creating"
	OnSale    EventStatus = "on_sale"
	Closed    EventStatus = "closed"
	Archiving EventStatus = "archiving" // closed, and to be archived
	Archived  EventStatus = "archived"
)

// Over reports whether the sale is closed, whatever follows.
func (s EventStatus) Over() bool { return s == Closed || s == Archiving || s == Archived }

// Event is an event as it is stored.
type Event struct {
	CatalogueEvent
	Status EventStatus
	// Counts has the tickets of each section, in the order of Sections. It is nil
	// where nobody asked for them.
	Counts []Counts
}

// Counts is the number of tickets in each status.
type Counts struct {
	Available, Reserved, Sold int
}

// Add returns the sum of two counts.
func (c Counts) Add(d Counts) Counts {
	return Counts{c.Available + d.Available, c.Reserved + d.Reserved, c.Sold + d.Sold}
}

// Of adds n tickets of a status.
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

// Total returns the counts of the whole event.
func (e Event) Total() Counts {
	var sum Counts
	for _, c := range e.Counts {
		sum = sum.Add(c)
	}
	return sum
}

// Delta is a change of the counts of a section. The counts are the sum of all
// deltas, so two writers never wait for one row.
type Delta struct {
	Section string
	Counts  Counts // differences
	Revenue int64  // of tickets that became SOLD, in minor units
	// Bookings is the number of bookings that got seats.
	Bookings int
	At       time.Time // of the decision: paid_at for tickets that became SOLD
}

// Listed is a ticket as the seller sees it. The price of an AVAILABLE ticket is
// the present price of its section.
type Listed struct {
	Ticket
	HolderName, HolderEmail string
}
