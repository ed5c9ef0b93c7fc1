package ticketing

import "github.com/onsale-tickets/onsale/domain"

// Ticket is the record of one seat.
type Ticket struct {
	Seat   domain.SeatID
	Status Status

	// Hold and Phase are the greatest (hold, phase) that the ticket has taken.
	Hold  domain.Hold
	Phase Phase

	// The booking that has the ticket, and its price. Zero while AVAILABLE.
	BookingID domain.BookingID
	HolderID  domain.UserID
	Price     int64 // minor units
}

// Phase is the progress of a hold. SOLD and AVAILABLE both end a hold; the first
// of the two counts.
type Phase int

// The phases in order. 0 means that there was no hold yet.
const (
	PhaseReserved Phase = iota + 1
	PhaseEnded
)

// Update is a change of a ticket that a message asks for.
type Update struct {
	To        Status
	BookingID domain.BookingID
	HolderID  domain.UserID // 0 if To is Available: a release does not name the holder
	Hold      domain.Hold
	Price     int64
}

// Phase returns the phase of the hold after the update.
func (u Update) Phase() Phase {
	if u.To == Reserved {
		return PhaseReserved
	}
	return PhaseEnded
}

// Take applies the rule of (hold, phase). A SOLD ticket takes no update. A ticket
// also ignores an update whose (hold, phase) is not greater than its own: the
// update is a repeat, or a later one came first. Any other update leads to its
// status by the allowed steps, skipped ones included, because PAID or a release
// may arrive before RESERVED. changed is true even if the status stays the same
// under a newer hold, because the seat owner must be told.
func (t Ticket) Take(u Update) (after Ticket, changed bool) {
	if t.Status == Sold || !u.exceeds(t) {
		return t, false
	}
	for _, next := range steps(t, u) {
		if !t.Status.May(next) {
			return t, false
		}
		t.Status = next
	}
	t.Hold, t.Phase = u.Hold, u.Phase()
	t.BookingID, t.HolderID, t.Price = u.BookingID, u.HolderID, u.Price
	if t.Status == Available {
		t.BookingID, t.HolderID, t.Price = domain.BookingID{}, 0, 0
	}
	return t, true
}

func (u Update) exceeds(t Ticket) bool {
	if u.Hold != t.Hold {
		return u.Hold > t.Hold
	}
	return u.Phase() > t.Phase
}

// steps returns the statuses on the way to the update's. An older hold is released
// first, and a new hold is taken before it ends.
func steps(t Ticket, u Update) []Status {
	var way []Status
	if u.Hold > t.Hold || t.Phase == 0 {
		if t.Status == Reserved {
			way = append(way, Available)
		}
		way = append(way, Reserved)
	}
	if u.To != Reserved {
		way = append(way, u.To)
	}
	return way
}
