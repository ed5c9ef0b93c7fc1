package seating

import (
	"slices"

	"github.com/onsale-tickets/onsale/domain"
)

// Status is the state of a seat.
type Status uint8

// The states of a seat. SOLD is final.
const (
	Available Status = iota
	Reserved
	Sold
)

// String is the form used in answers: available, reserved, sold.
func (s Status) String() string {
	switch s {
	case Available:
		return "available"
	case Reserved:
		return "reserved"
	case Sold:
		return "sold"
	}
	return "unknown"
}

// Seat is the state of one seat. An available seat keeps the number of its
// last hold and no holder.
type Seat struct {
	Status  Status
	Booking domain.BookingID
	Buyer   domain.UserID
	Hold    domain.Hold
	At      int64 // when it was reserved, Unix microseconds
}

// SubsectionCount counts the seats of a subsection by status.
type SubsectionCount struct {
	Number, Available, Reserved, Sold int
}

// Map is the live state of a section's seats. It has one user at a time.
type Map struct {
	plan   *Plan
	free   []uint64 // shape of plan.exists
	seats  []Seat
	counts []SubsectionCount
}

// NewMap has every seat available.
func NewMap(p *Plan) *Map {
	m := &Map{plan: p, free: slices.Clone(p.exists), seats: make([]Seat, p.SeatCount()), counts: make([]SubsectionCount, len(p.subs))}
	for i, sub := range p.subs {
		m.counts[i] = SubsectionCount{Number: sub.number, Available: int(sub.toSeat - sub.fromSeat)}
	}
	return m
}

// Clone is a copy that shares the plan only.
func (m *Map) Clone() *Map {
	return &Map{plan: m.plan, free: slices.Clone(m.free), seats: slices.Clone(m.seats), counts: slices.Clone(m.counts)}
}

// Plan is the plan the map was made from.
func (m *Map) Plan() *Plan { return m.plan }

// Seat is the state of a seat.
func (m *Map) Seat(i Index) Seat { return m.seats[i] }

// Free tells whether a seat is AVAILABLE.
func (m *Map) Free(i Index) bool { return m.seats[i].Status == Available }

// Reserve gives seats to a booking. hold is 0 while it is not known: the
// decision was not read back yet, and no release or finalise can match it.
func (m *Map) Reserve(seats []Index, booking domain.BookingID, buyer domain.UserID, hold domain.Hold, at int64) {
	for _, i := range seats {
		m.Restore(i, Seat{Status: Reserved, Booking: booking, Buyer: buyer, Hold: hold, At: at})
	}
}

// ConfirmHold gives the seats that were reserved for a booking without a hold
// the number of it.
func (m *Map) ConfirmHold(seats []Index, booking domain.BookingID, hold domain.Hold) {
	for _, i := range seats {
		if s := &m.seats[i]; s.Status == Reserved && s.Booking == booking && s.Hold == 0 {
			s.Hold = hold
		}
	}
}

// Sell makes seats SOLD; they keep their holder.
func (m *Map) Sell(seats []Index) {
	for _, i := range seats {
		s := m.seats[i]
		s.Status = Sold
		m.Restore(i, s)
	}
}

// Release makes seats AVAILABLE again.
func (m *Map) Release(seats []Index) {
	for _, i := range seats {
		m.Restore(i, Seat{Status: Available, Hold: m.seats[i].Hold})
	}
}

// Restore sets the state of one seat, as read from a store.
func (m *Map) Restore(i Index, s Seat) {
	word, mask := m.plan.bit(i)
	if s.Status == Available {
		m.free[word] |= mask
	} else {
		m.free[word] &^= mask
	}
	count := &m.counts[m.plan.rows[m.plan.rowOf[i]].sub]
	*count.of(m.seats[i].Status)--
	*count.of(s.Status)++
	m.seats[i] = s
}

func (c *SubsectionCount) of(s Status) *int {
	switch s {
	case Reserved:
		return &c.Reserved
	case Sold:
		return &c.Sold
	}
	return &c.Available
}

// Counts counts the section's seats by status.
func (m *Map) Counts() (available, reserved, sold int) {
	for _, c := range m.counts {
		available += c.Available
		reserved += c.Reserved
		sold += c.Sold
	}
	return available, reserved, sold
}

// SubsectionCounts counts by subsection, in layout order; a copy.
func (m *Map) SubsectionCounts() []SubsectionCount { return slices.Clone(m.counts) }
