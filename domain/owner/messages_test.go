package owner_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// partition is a machine with the journal that it writes.
type partition struct {
	*owner.Partition
	t   *testing.T
	log []journal.Entry
}

const now = int64(1_800_000_000_000_000)

// owned returns a partition that is claimed and has the section of the scenarios.
func owned(t *testing.T) *partition {
	t.Helper()
	machine, err := owner.New("s1", show, 0, "journal-1", owner.Snapshot{})
	if err != nil {
		t.Fatal(err)
	}
	p := &partition{Partition: machine, t: t}
	p.step(owner.Assigned{Nonce: 7, InitEnd: 1})
	p.step(command(0, message.InitializeSeats{EventID: show, Layout: layout()}))
	return p
}

// step passes an input on, reads back at once what is appended, and returns the
// messages of all that.
func (p *partition) step(in owner.Input) (out []message.Envelope) {
	for _, effect := range slices.Clone(p.Step(in, now, nil)) {
		switch e := effect.(type) {
		case owner.Append:
			p.log = append(p.log, journal.Entry{Offset: int64(len(p.log)), Record: e.Record})
			out = append(out, p.step(owner.Read{Entries: p.log[len(p.log)-1:]})...)
		case owner.Send:
			out = append(out, e.Message)
		case owner.Repeat:
			out = append(out, e.Message)
		case owner.LostOwnership:
			p.t.Fatal(e.Reason)
		}
	}
	return out
}

func command(offset int64, m message.Message) owner.Command {
	a := m.Action()
	return owner.Command{Body: m, TraceParent: "trace", Cause: journal.Cause{Action: a, TopicID: a.String(), Offset: offset}}
}

// The messages say all that their receivers need, and belong to the trace of the
// request.
func TestMessages(t *testing.T) {
	price := domain.Money{Amount: 100, Currency: "EUR"}
	request := message.TicketReservedRequest{EventID: show, BookingID: bookingID(1), BuyerID: 9, Section: "A", Mode: message.BestAvailable, Quantity: 2, UnitPrice: price}
	held := message.Held{EventID: show, BookingID: bookingID(1), BuyerID: 9, Section: "A", Seats: seatIDs()[:2], Hold: 2, UnitPrice: price, ReservedAt: time.UnixMicro(now).UTC()}
	same := func(t *testing.T, got []message.Envelope, trace string, want ...message.Message) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("%d messages, want %d: %+v", len(got), len(want), got)
		}
		for i := range got {
			if !reflect.DeepEqual(got[i].Body, want[i]) || got[i].TraceParent != trace {
				t.Errorf("got  %+v of trace %q\nwant %+v of trace %q", got[i].Body, got[i].TraceParent, want[i], trace)
			}
		}
	}
	t.Run("of seats", func(t *testing.T) {
		p := owned(t)
		same(t, p.step(command(0, request)), "trace", message.SeatUpdatedToReserved{Held: held}, message.BookingUpdatedToPendingPayment{Held: held})
	})
	t.Run("of a repeat", func(t *testing.T) {
		p := owned(t)
		outcome := owner.Outcome{BookingID: bookingID(1), Offset: 2, Section: "A", BuyerID: 9, Seats: []seating.Index{0, 1}, Hold: 2, UnitPrice: price, At: now}
		repeat := command(0, request)
		repeat.Outcome, repeat.TraceParent = &outcome, "second"
		same(t, p.step(repeat), "second", message.SeatUpdatedToReserved{Held: held}, message.BookingUpdatedToPendingPayment{Held: held})
	})
	t.Run("of a refusal", func(t *testing.T) {
		p := owned(t)
		request := request
		request.Quantity = 7
		same(t, p.step(command(0, request)), "trace", message.BookingUpdatedToFailed{EventID: show, BookingID: bookingID(1), Section: "A", Reason: "not_enough_seats"})
	})
	t.Run("of a rejection", func(t *testing.T) {
		p := owned(t)
		c := command(0, request)
		c.Body, c.Poison = nil, &owner.Poison{Why: "no JSON", Booking: bookingID(1), Section: "A"}
		same(t, p.step(c), "trace", message.BookingUpdatedToFailed{EventID: show, BookingID: bookingID(1), Section: "A", Reason: owner.NotProcessable})
	})
	t.Run("of a copy on a wrong partition", func(t *testing.T) {
		p := owned(t)
		c := command(0, request)
		c.Poison = &owner.Poison{Why: "key of another section", Foreign: true}
		same(t, p.step(c), "")
		if last := p.log[len(p.log)-1].Record; last.Kind != journal.CommandRejected || last.Section != "A" || !last.BookingID.IsZero() {
			t.Errorf("recorded as %+v", last)
		}
	})
}
