package porttest

import (
	"reflect"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// SeatStore is the contract of port.SeatStore. open returns an empty store. reopen
// closes a store and opens it again, as a restart does; it may be nil.
func SeatStore(t *testing.T, open func(t *testing.T) port.SeatStore, reopen func(t *testing.T, s port.SeatStore) port.SeatStore) {
	const event = domain.EventID(7)
	layout := seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{
		{Number: 1, Rows: []seating.Row{{Number: 1, Seats: []int{1, 2, 4}}}}}}
	booking := domain.BookingID{1, 2, 3}
	seat := seating.Seat{Status: seating.Reserved, Booking: booking, Buyer: 42, Hold: 9, At: 1_800_000_000_000_000}
	batch := port.SeatBatch{Event: event, Partition: 3,
		SeatFold: port.SeatFold{JournalTopicID: "j", Fold: journal.Fold{Next: 10, Claimed: true, Epoch: 4, NextSeq: 6, Nonce: 1 << 63},
			Positions:  journal.Positions{message.TicketReserving: {TopicID: "t", Next: 5}},
			Emitted:    journal.Mark{Offset: 8, Epoch: 4, NextSeq: 4},
			LastRecord: port.RecordIdentity{Epoch: 4, Seq: 5}},
		Sections: []port.StoredSection{{Layout: layout, HoldBase: 100}},
		Seats:    []port.StoredSeat{{Section: "A", Index: 2, Seat: seat}},
		Outcomes: []port.Outcome{{BookingID: booking, Offset: 9, Section: "A", BuyerID: 42, Seats: []seating.Index{2}, Hold: 109,
			UnitPrice: domain.Money{Amount: 200000, Currency: "TWD"}, At: 5}},
	}
	again := func(t *testing.T, s port.SeatStore) port.SeatStore {
		if reopen == nil {
			return s
		}
		return reopen(t, s)
	}

	t.Run("forgets an event, and no other", func(t *testing.T) {
		s := open(t)
		other := batch
		other.Event = event + 1
		must(t, s.Write(batch))
		must(t, s.Write(other))

		must(t, s.Forget(event))
		must(t, s.Forget(event))
		s = again(t, s)

		if _, found, err := s.Load(event, 3); found || err != nil {
			t.Errorf("found %v, %v", found, err)
		}
		if _, found, err := s.Outcome(event, booking); found || err != nil {
			t.Errorf("outcome found %v, %v", found, err)
		}
		if _, found, err := s.Load(event+1, 3); !found || err != nil {
			t.Errorf("the other event: found %v, %v", found, err)
		}
		if _, found, err := s.Outcome(event+1, booking); !found || err != nil {
			t.Errorf("the outcome of the other event: found %v, %v", found, err)
		}
		must(t, s.Write(batch)) // it starts anew
		if _, found, err := s.Load(event, 3); !found || err != nil {
			t.Errorf("found %v, %v after it was written again", found, err)
		}
	})
	t.Run("knows nothing at first", func(t *testing.T) {
		s := open(t)
		if _, found, err := s.Load(event, 3); found || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
		if _, found, err := s.Outcome(event, booking); found || err != nil {
			t.Fatalf("outcome found %v, %v", found, err)
		}
	})
	t.Run("gives back what was written", func(t *testing.T) {
		s := open(t)
		must(t, s.Write(batch))
		s = again(t, s)

		got, found, err := s.Load(event, 3)
		if !found || err != nil {
			t.Fatalf("found %v, %v", found, err)
		}
		want := port.SeatSnapshot{SeatFold: batch.SeatFold, Sections: batch.Sections, Seats: batch.Seats}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("got  %+v\nwant %+v", got, want)
		}
		o, found, err := s.Outcome(event, booking)
		if !found || err != nil || !reflect.DeepEqual(o, batch.Outcomes[0]) {
			t.Errorf("outcome %+v %v %v", o, found, err)
		}
	})
	t.Run("keeps the latest state of a seat", func(t *testing.T) {
		s := open(t)
		must(t, s.Write(batch))
		later := port.SeatBatch{Event: event, Partition: 3, SeatFold: batch.SeatFold,
			Seats: []port.StoredSeat{{Section: "A", Index: 2, Seat: seating.Seat{Hold: 9}}}}
		later.Fold.Next = 11
		must(t, s.Write(later))
		s = again(t, s)

		got, _, err := s.Load(event, 3)
		must(t, err)
		if len(got.Seats) != 1 || got.Seats[0].Seat != (seating.Seat{Hold: 9}) || got.Fold.Next != 11 || len(got.Sections) != 1 {
			t.Errorf("got %+v", got)
		}
	})
	t.Run("wipes one partition and no other", func(t *testing.T) {
		s := open(t)
		must(t, s.Write(batch))
		other := batch
		other.Partition = 4
		other.Outcomes = []port.Outcome{{BookingID: domain.BookingID{9}, Section: "B", Reason: "sold_out"}}
		must(t, s.Write(other))
		must(t, s.Wipe(event, 3))
		s = again(t, s)

		if _, found, _ := s.Load(event, 3); found {
			t.Error("the partition is still there")
		}
		if _, found, _ := s.Outcome(event, booking); found {
			t.Error("its outcomes are still there")
		}
		if _, found, _ := s.Load(event, 4); !found {
			t.Error("the other partition is gone")
		}
		if o, found, _ := s.Outcome(event, domain.BookingID{9}); !found || o.Reason != "sold_out" {
			t.Error("the other outcome is gone")
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
