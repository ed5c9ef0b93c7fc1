package journal_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

var (
	stalls = seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}
	mine   = domain.BookingID{1}
	other  = domain.BookingID{2}
)

func claimed(offset int64, nonce uint64) journal.Entry {
	return journal.Entry{Offset: offset, Record: journal.Record{Kind: journal.Claimed, Server: "s", Nonce: nonce, Cause: journal.Cause{Offset: -1}}}
}

func decided(offset, epoch int64, seq uint64) journal.Entry {
	return journal.Entry{Offset: offset, Record: journal.Record{Kind: journal.ReservationRefused, Epoch: epoch, Seq: seq}}
}

func TestAccept(t *testing.T) {
	tests := []struct {
		name    string
		entries []journal.Entry
		want    string // a letter an entry: y accepted, n skipped
	}{
		{"nothing before the first claim", []journal.Entry{decided(0, 0, 1)}, "n"},
		{"the chain of the latest claim", []journal.Entry{claimed(0, 1), decided(1, 0, 1), decided(2, 0, 2)}, "yyy"},
		{"no repeat of a producer", []journal.Entry{claimed(0, 1), decided(1, 0, 1), decided(2, 0, 1), decided(3, 0, 2)}, "yyny"},
		{"nothing after a record that was lost", []journal.Entry{claimed(0, 1), decided(1, 0, 1), decided(2, 0, 3), decided(3, 0, 4)}, "yynn"},
		{"nothing of an owner that was replaced", []journal.Entry{claimed(0, 1), decided(1, 0, 1), claimed(2, 2), decided(3, 0, 2), decided(4, 2, 1)}, "yyyny"},
		{"no damaged record, and it takes no seq", []journal.Entry{claimed(0, 1), {Offset: 1, Damaged: errors.New("no record")}, decided(2, 0, 1)}, "yny"},
	}
	for _, tt := range tests {
		t.Run("takes "+tt.name, func(t *testing.T) {
			var fold journal.Fold
			got := ""
			for _, e := range tt.entries {
				if fold.Accept(e) {
					got += "y"
				} else {
					got += "n"
				}
			}
			if got != tt.want {
				t.Errorf("%s, want %s", got, tt.want)
			}
			if fold.Next != int64(len(tt.entries)) {
				t.Errorf("the fold stands at %d", fold.Next)
			}
		})
	}
}

func TestFoldGoesOnFromAMark(t *testing.T) {
	var whole journal.Fold
	whole.Accept(claimed(0, 1))
	whole.Accept(decided(1, 0, 1))

	from := journal.FoldFrom(whole.Mark())

	if !from.Accept(decided(2, 0, 2)) || from.Accept(decided(3, 0, 2)) {
		t.Error("a fold from a mark judges otherwise than the fold that made it")
	}
	if begin := journal.FoldFrom(journal.Fold{}.Mark()); begin.Accept(decided(0, 0, 0)) {
		t.Error("a fold from the beginning takes a record before any claim")
	}
}

// world is a state with section A and its next offset.
func world(t *testing.T) *journal.State {
	t.Helper()
	s := journal.NewState()
	r, ok := journal.Decide(s, &seating.Finder{}, message.InitializeSeats{EventID: 1, Layout: stalls, HoldBase: 100}, journal.Cause{}, 0)
	if !ok || r.Kind != journal.SeatsInitialized {
		t.Fatalf("%v %v", r, ok)
	}
	s.Apply(&r, 1)
	return s
}

func reserve(t *testing.T, s *journal.State, booking domain.BookingID, quantity int, offset int64) journal.Record {
	t.Helper()
	r, ok := journal.Decide(s, &seating.Finder{}, message.TicketReservedRequest{EventID: 1, BookingID: booking, BuyerID: 9, Section: "A",
		Mode: message.BestAvailable, Quantity: quantity, AllowPartial: true}, journal.Cause{Action: message.TicketReserving, TopicID: "t", Offset: offset}, 5)
	if !ok {
		t.Fatal("nothing was decided")
	}
	s.Apply(&r, offset)
	return r
}

func release(booking domain.BookingID, hold domain.Hold, seats ...int) message.ReleaseSeat {
	m := message.ReleaseSeat{SeatChange: message.SeatChange{EventID: 1, BookingID: booking, Section: "A", Hold: hold}}
	for _, n := range seats {
		m.Seats = append(m.Seats, domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: n})
	}
	return m
}

func TestDecide(t *testing.T) {
	decide := func(s *journal.State, m message.Message) (journal.Record, bool) {
		return journal.Decide(s, &seating.Finder{}, m, journal.Cause{Action: m.Action(), TopicID: "t", Offset: 50}, 5)
	}

	t.Run("holds seats under hold_base plus offset", func(t *testing.T) {
		s := world(t)
		r := reserve(t, s, mine, 2, 7)
		section, _ := s.Section("A")
		if seat := section.Map.Seat(r.Seats[1]); seat.Hold != 107 || seat.Booking != mine || seat.Buyer != 9 || seat.At != 5 {
			t.Errorf("%+v", seat)
		}
		if s.Positions[message.TicketReserving] != (journal.Position{TopicID: "t", Next: 8}) {
			t.Errorf("positions %v", s.Positions)
		}
	})
	t.Run("refuses what is sold out", func(t *testing.T) {
		s := world(t)
		reserve(t, s, mine, 6, 7)
		if r := reserve(t, s, other, 1, 8); r.Kind != journal.ReservationRefused || r.Reason != "sold_out" {
			t.Errorf("%+v", r)
		}
	})
	t.Run("ignores a second initialisation", func(t *testing.T) {
		s := world(t)
		reserve(t, s, mine, 2, 7)
		if r, ok := decide(s, message.InitializeSeats{EventID: 1, Layout: stalls}); ok {
			t.Errorf("%+v", r)
		}
	})
	t.Run("never takes an unknown section for available", func(t *testing.T) {
		r, ok := decide(world(t), message.TicketReservedRequest{EventID: 1, BookingID: mine, Section: "B", Mode: message.BestAvailable, Quantity: 1})
		if !ok || r.Kind != journal.CommandRejected || r.Reason != journal.NotInitialized || r.BookingID != mine {
			t.Errorf("%+v %v", r, ok)
		}
	})
	t.Run("releases the seats of the booking and the hold, and no others", func(t *testing.T) {
		s := world(t)
		reserve(t, s, mine, 2, 7)
		if r, ok := decide(s, release(mine, 107, 1, 2, 3)); !ok || r.Kind != journal.SeatsReleased || len(r.Seats) != 2 {
			t.Errorf("%+v %v", r, ok)
		}
		for name, m := range map[string]message.ReleaseSeat{
			"another hold": release(mine, 106, 1, 2), "another booking": release(other, 107, 1, 2), "no hold": release(mine, 0, 1, 2),
		} {
			if r, ok := decide(s, m); ok {
				t.Errorf("%s: %+v", name, r)
			}
		}
	})
	t.Run("lets an old release not free the next buyer's seat", func(t *testing.T) {
		s := world(t)
		reserve(t, s, mine, 2, 7)
		r, _ := decide(s, release(mine, 107, 1, 2))
		s.Apply(&r, 8)
		reserve(t, s, mine, 2, 9) // the same buyer's next hold
		if r, ok := decide(s, release(mine, 107, 1, 2)); ok {
			t.Errorf("%+v", r)
		}
	})
	t.Run("lets a hold that was not read back match nothing", func(t *testing.T) {
		s := world(t)
		r := reserve(t, s, mine, 2, 7)
		ahead := world(t)
		ahead.Apply(&r, -1)
		for _, hold := range []domain.Hold{107, 0} {
			if r, ok := decide(ahead, release(mine, hold, 1, 2)); ok {
				t.Errorf("hold %d: %+v", hold, r)
			}
		}
		ahead.Confirm(&r, 7)
		if _, ok := decide(ahead, release(mine, 107, 1, 2)); !ok {
			t.Error("nor after it was read back")
		}
	})
	t.Run("lets SOLD take nothing", func(t *testing.T) {
		s := world(t)
		reserve(t, s, mine, 2, 7)
		r, ok := decide(s, message.FinalizeSeats{SeatChange: release(mine, 107, 1, 2).SeatChange})
		if !ok || r.Kind != journal.SeatsSold {
			t.Fatalf("%+v %v", r, ok)
		}
		s.Apply(&r, 8)
		if r, ok := decide(s, release(mine, 107, 1, 2)); ok {
			t.Errorf("released: %+v", r)
		}
		if r, ok := decide(s, message.FinalizeSeats{SeatChange: release(mine, 107, 1, 2).SeatChange}); ok {
			t.Errorf("sold again: %+v", r)
		}
	})
	t.Run("changes nothing", func(t *testing.T) {
		s := world(t)
		before := s.Clone()
		decide(s, message.TicketReservedRequest{EventID: 1, BookingID: mine, Section: "A", Mode: message.BestAvailable, Quantity: 4})
		if !reflect.DeepEqual(s, before) {
			t.Error("the state is another")
		}
	})
}

func ExampleDecide() {
	state := journal.NewState()
	if _, err := state.AddSection(stalls, 0); err != nil {
		panic(err)
	}
	request := message.TicketReservedRequest{EventID: 1, BookingID: mine, BuyerID: 42, Section: "A", Mode: message.BestAvailable, Quantity: 2}

	record, _ := journal.Decide(state, &seating.Finder{}, request, journal.Cause{Action: message.TicketReserving, Offset: 0}, 0)
	state.Apply(&record, 17) // as it was read back at offset 17

	section, _ := state.Section("A")
	fmt.Println(record.Kind, section.Map.Plan().Seats(record.Seats), section.Map.Seat(0).Hold)
	// Output: SeatsReserved [A-1-1-1 A-1-1-2] 17
}
