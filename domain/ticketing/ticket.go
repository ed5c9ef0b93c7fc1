package ticketing

import "github.com/onsale-tickets/onsale/domain"

// Ticket is the record of one seat.
type Ticket struct {
	Seat   domain.SeatID
	Status Status

	// Hold and Phase are the greatest (hold, phase) seen.
	Hold  domain.Hold
	Phase Phase

	// Of the booking that has it; zero while AVAILABLE. Price is the booking's.
	BookingID domain.BookingID
	HolderID  domain.UserID
	Price     int64 // minor units
}

// Phase is how far a hold has come. SOLD and AVAILABLE both end it: the first
// of the two decides.
type Phase int

// The phases, in their order; 0 is before any.
const (
	PhaseReserved Phase = iota + 1
	PhaseEnded
)

// Update is what a message says about a ticket.
type Update struct {
	To        Status
	BookingID domain.BookingID
	HolderID  domain.UserID // 0 when To is Available: a release does not say
	Hold      domain.Hold
	Price     int64
}

// Phase is the phase in which the update leaves its hold.
func (u Update) Phase() Phase {
	if u.To == Reserved {
		return PhaseReserved
	}
	return PhaseEnded
}

// Take is the rule of (hold, phase), in one place. A SOLD ticket takes
// nothing. An update that is not greater than what the ticket has seen changes
// nothing, silently: it is a repeat, or was overtaken. One that is greater goes
// to its status by the steps of the table, those that were skipped included:
// PAID may overtake RESERVED, and a release too. changed is true also when the
// status is the same as before but the hold is newer (a release that overtook
// its reservation): the seat must hear of it.
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

// steps are the statuses on the way: an older hold is let go first, a hold
// that is news is taken before it ends.
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
