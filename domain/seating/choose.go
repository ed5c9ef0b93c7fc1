package seating

import "slices"

// Request is what a booking asks for.
type Request struct {
	Subsection   int // 0: any subsection
	Quantity     int // used by best available only
	Manual       bool
	Seats        []Index // used by manual only
	AllowPartial bool    // accept fewer seats than asked for
}

// Reason says why a request got no seat. It is empty if it got some.
type Reason string

// The reasons, as a booking's failure_reason spells them.
const (
	SoldOut        Reason = "sold_out"
	NotEnoughSeats Reason = "not_enough_seats"
	SeatsTaken     Reason = "seats_taken"
	NoSeatsGiven   Reason = "no_seats_given"
)

// Choose picks seats for a request and appends them to dst in layout order. If
// it picks none, it returns the reason. It does not change the map.
func (f *Finder) Choose(m *Map, r Request, best Strategy, dst []Index) ([]Index, Reason) {
	before := len(dst)
	if r.Manual {
		if len(r.Seats) == 0 {
			return dst, NoSeatsGiven
		}
		dst = f.Manual(m, r.Seats, dst)
		if got := len(dst) - before; got == 0 || got < len(r.Seats) && !r.AllowPartial {
			return dst[:before], SeatsTaken
		}
		return dst, ""
	}
	dst = best(f, m, r.Subsection, r.Quantity, dst)
	switch got := len(dst) - before; {
	case got == 0:
		return dst, SoldOut
	case got < r.Quantity && !r.AllowPartial:
		return dst[:before], NotEnoughSeats
	}
	return dst, ""
}

// Manual appends the free ones among seats to dst, in layout order.
func (f *Finder) Manual(m *Map, seats []Index, dst []Index) []Index {
	before := len(dst)
	for _, i := range seats {
		if m.Free(i) {
			dst = append(dst, i)
		}
	}
	slices.Sort(dst[before:])
	return dst
}
