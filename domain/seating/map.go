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

// String returns the form used in the API: available, reserved, sold.
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

// Seat is the state of one seat. An available seat has no holder and keeps the
// number of its last hold.
type Seat struct {
	Status  Status
	Booking domain.BookingID
	Buyer   domain.UserID
	Hold    domain.Hold
	At      int64 // when it was reserved, Unix microseconds
}

// SubsectionCount holds the number of seats of a subsection in each status.
type SubsectionCount struct {
	Number, Available, Reserved, Sold int
}

// Map is the live state of a section's seats. It must not be used concurrently.
type Map struct {
	plan   *Plan
	free   []uint64 // shape of plan.exists
	seats  []Seat
	counts []SubsectionCount
}

// NewMap returns a map with every seat available.
func NewMap(p *Plan) *Map {
	m := &Map{plan: p, free: slices.Clone(p.exists), seats: make([]Seat, p.SeatCount()), counts: make([]SubsectionCount, len(p.subs))}
	for i, sub := range p.subs {
		m.counts[i] = SubsectionCount{Number: sub.number, Available: int(sub.toSeat - sub.fromSeat)}
	}
	return m
}

// Clone returns a copy. It shares only the plan, which never changes.
func (m *Map) Clone() *Map {
	return &Map{plan: m.plan, free: slices.Clone(m.free), seats: slices.Clone(m.seats), counts: slices.Clone(m.counts)}
}

// Plan returns the plan the map was made from.
func (m *Map) Plan() *Plan { return m.plan }

// Seat returns the state of a seat.
func (m *Map) Seat(i Index) Seat { return m.seats[i] }

// Free reports whether a seat is AVAILABLE.
func (m *Map) Free(i Index) bool { return m.seats[i].Status == Available }

// Reserve gives seats to a booking. hold is 0 until the decision was read back
// from the journal. Until then no release or finalise matches the seats.
func (m *Map) Reserve(seats []Index, booking domain.BookingID, buyer domain.UserID, hold domain.Hold, at int64) {
	for _, i := range seats {
		m.Restore(i, Seat{Status: Reserved, Booking: booking, Buyer: buyer, Hold: hold, At: at})
	}
}

// ConfirmHold sets the hold of seats that were reserved for a booking while the
// hold was unknown.
func (m *Map) ConfirmHold(seats []Index, booking domain.BookingID, hold domain.Hold) {
	for _, i := range seats {
		if s := &m.seats[i]; s.Status == Reserved && s.Booking == booking && s.Hold == 0 {
			s.Hold = hold
		}
	}
}

// Sell makes seats SOLD. They keep their holder.
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

// Restore sets the state of one seat. A store uses it to load what it saved.
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

// Counts returns the number of the section's seats in each status.
func (m *Map) Counts() (available, reserved, sold int) {
	for _, c := range m.counts {
		available += c.Available
		reserved += c.Reserved
		sold += c.Sold
	}
	return available, reserved, sold
}

// SubsectionCounts returns a copy of the counts by subsection, in layout order.
func (m *Map) SubsectionCounts() []SubsectionCount { return slices.Clone(m.counts) }
