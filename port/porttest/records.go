package porttest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// StoredSeats is the contract of what an audit reads of a seat store. open
// returns an empty store.
func StoredSeats(t *testing.T, open func(t *testing.T) interface {
	port.SeatStore
	port.StoredSeats
}) {
	s := open(t)
	price := domain.Money{Amount: 5, Currency: "EUR"}
	reserved := port.Outcome{BookingID: domain.BookingID{15: 1}, Offset: 9, Section: "A", BuyerID: 42, Seats: []seating.Index{2, 5}, Hold: 109, UnitPrice: price, At: 7}
	refused := port.Outcome{BookingID: domain.BookingID{0: 0xff, 15: 2}, Offset: 3, Section: "B", BuyerID: 43, UnitPrice: price, Reason: "sold_out", At: 8}
	must(t, s.Write(port.SeatBatch{Event: 7, Partition: 3, Outcomes: []port.Outcome{reserved}}))
	must(t, s.Write(port.SeatBatch{Event: 7, Partition: 4, Outcomes: []port.Outcome{refused}}))
	must(t, s.Write(port.SeatBatch{Event: 8, Partition: 4, Outcomes: []port.Outcome{{BookingID: domain.BookingID{15: 3}}}}))
	type of struct {
		partition domain.Partition
		outcome   port.Outcome
	}
	got := map[domain.BookingID]of{}

	must(t, s.Outcomes(7, func(p domain.Partition, o port.Outcome) { got[o.BookingID] = of{p, o} }))

	want := map[domain.BookingID]of{reserved.BookingID: {3, reserved}, refused.BookingID: {4, refused}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// BookingRecords is the contract of what an audit reads of bookings. open returns
// an empty store.
func BookingRecords(t *testing.T, open func(t *testing.T) interface {
	port.Bookings
	port.BookingInputs
	port.BookingRecords
}) {
	s := open(t)
	pending := booking.Booking{ID: numbered(1), EventID: 7, BuyerID: 42, Section: "A", Quantity: 1, UnitPrice: domain.Money{Amount: 5, Currency: "EUR"},
		Status: booking.Processing, CreatedAt: opened, Revision: 1}
	older := pending
	older.ID = numbered(2)
	for _, b := range []booking.Booking{pending, older} {
		_, err := s.Accept(t.Context(), b, port.IdempotencyKey{})
		must(t, err)
	}
	window := booking.Window{Opened: opened.Add(time.Second), Length: 15*time.Minute + time.Microsecond}

	must(t, s.Apply(t.Context(), nil, []domain.BookingID{pending.ID, older.ID}, func(_ time.Time, found map[domain.BookingID]booking.Booking) (c port.BookingChanges) {
		for id, w := range map[domain.BookingID]booking.Window{pending.ID: window, older.ID: {}} {
			b, _ := found[id].HoldSeats([]domain.SeatID{{Section: "A", Subsection: 1, Row: 1, Seat: int(id[15])}}, 9, window.End())
			b.Window = w
			c.Bookings = append(c.Bookings, b)
		}
		return c
	}))

	all, err := s.AllBookings(t.Context())
	must(t, err)
	for _, b := range all {
		want := window
		if b.ID == older.ID { // of a version that did not record it
			want = booking.Window{}
		}
		if b.Window != want || !b.ExpiresAt.Equal(window.End()) {
			t.Errorf("booking %s has window %+v until %s, want %+v", b.ID, b.Window, b.ExpiresAt, want)
		}
	}
	if len(all) != 2 {
		t.Errorf("%d bookings", len(all))
	}
}

// TicketRecords is the contract of what an audit reads of tickets. open returns
// an empty store with what it reads.
func TicketRecords(t *testing.T, open func(t *testing.T) (TicketingStore, port.TicketRecords)) {
	store, records := open(t)
	s := &tickets{T: t, TicketingStore: store}
	var err error
	s.seller, err = s.Register(t.Context(), account.User{Email: "seller@example.com", Name: "a new seller", Role: account.Seller, CreatedAt: opened}, "hash")
	s.check(err)
	id := s.open()
	minute := time.Date(2027, 1, 2, 3, 4, 0, 0, time.UTC)
	change := func(deltas ...ticketing.Delta) {
		s.check(s.Apply(t.Context(), id, nil, nil, func([]ticketing.Ticket) port.TicketChanges { return port.TicketChanges{Deltas: deltas} }))
	}
	change(ticketing.Delta{Section: "A", Counts: ticketing.Counts{Available: -2, Sold: 2}, Revenue: 20, At: minute})
	change(ticketing.Delta{Section: "A", Counts: ticketing.Counts{Available: -1, Sold: 1}, Revenue: 10, At: minute},
		ticketing.Delta{Section: "B", Counts: ticketing.Counts{Available: -1, Sold: 1}, Revenue: 5, At: minute.Add(time.Minute)})

	for range 2 { // folding changes no sum
		sections, minutes, err := records.Revenue(t.Context(), id)

		s.check(err)
		if !slices.Equal(sections, []int64{5, 30}) { // B, A as created
			t.Errorf("revenue of the sections: %v", sections)
		}
		slices.SortFunc(minutes, func(a, b ticketing.Interval) int { return a.At.Compare(b.At) })
		want := []ticketing.Interval{{At: minute, Sold: 3, Revenue: 30}, {At: minute.Add(time.Minute), Sold: 1, Revenue: 5}}
		if !slices.Equal(minutes, want) {
			t.Errorf("sold in minutes: %v, want %v", minutes, want)
		}
		_, err = s.FoldDeltas(t.Context(), 100)
		s.check(err)
	}
}
