package journal_test

import (
	"slices"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// by asks for seats of row 2 by hand.
func by(t *testing.T, s *journal.State, booking domain.BookingID, seats ...int) journal.Record {
	t.Helper()
	m := message.TicketReservedRequest{EventID: 1, BookingID: booking, BuyerID: 9, Section: "A", Subsection: 1, Mode: message.Manual, Quantity: len(seats)}
	for _, n := range seats {
		m.Positions = append(m.Positions, domain.SeatPosition{Row: 2, Seat: n})
	}
	r, ok := journal.Decide(s, &seating.Finder{}, m, journal.Cause{Action: message.TicketReserving, Offset: 5}, 5)
	if !ok {
		t.Fatal("nothing was decided")
	}
	return r
}

func TestDecideByHand(t *testing.T) {
	for name, c := range map[string]struct {
		seats  []int
		kind   journal.Kind
		reason string
		given  []seating.Index
	}{
		"gives the seats that were picked":            {[]int{3, 1}, journal.SeatsReserved, "", []seating.Index{3, 5}},
		"takes a seat that is named twice for one":    {[]int{1, 1}, journal.SeatsReserved, "", []seating.Index{3}},
		"gives none if one of them is taken":          {[]int{1, 2}, journal.ReservationRefused, string(seating.SeatsTaken), nil},
		"rejects a seat that the section has not":     {[]int{1, 4}, journal.CommandRejected, journal.SeatUnknown, nil},
		"refuses a request that picks no seat at all": {nil, journal.ReservationRefused, string(seating.NoSeatsGiven), nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := world(t)
			taken := by(t, s, other, 2)
			s.Apply(&taken, 2)

			r := by(t, s, mine, c.seats...)

			if r.Kind != c.kind || r.Reason != c.reason || !slices.Equal(r.Seats, c.given) || r.BookingID != mine {
				t.Errorf("%+v", r)
			}
		})
	}
}

// A record counts by its epoch and its seq, not by one of them. The owner before may
// have appended a record with the seq that is next.
func TestAcceptComparesEpochAndSeq(t *testing.T) {
	for name, c := range map[string]struct {
		epoch int64
		seq   uint64
		takes bool
	}{
		"the next of this epoch":        {3, 1, true},
		"the next seq of another epoch": {0, 1, false},
		"another seq of this epoch":     {3, 2, false},
	} {
		t.Run(name, func(t *testing.T) {
			var fold journal.Fold
			fold.Accept(claimed(0, 1))
			fold.Accept(claimed(3, 2))
			if takes := fold.Accept(decided(4, c.epoch, c.seq)); takes != c.takes {
				t.Errorf("accepted: %v", takes)
			}
		})
	}
	var unclaimed journal.Fold
	if unclaimed.Accept(decided(0, 0, 0)) {
		t.Error("a record counts before there was a claim")
	}
}
