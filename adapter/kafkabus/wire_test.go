package kafkabus

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// nine has one of each message.
func nine() []message.Message {
	at := time.Date(2027, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	price := domain.Money{Amount: 200000, Currency: "TWD"}
	booking, _ := domain.ParseBookingID("018f5a3e-7c1b-7d2a-9b3c-0123456789ab")
	seats := []domain.SeatID{{Section: "A", Subsection: 1, Row: 2, Seat: 3}, {Section: "A", Subsection: 1, Row: 2, Seat: 4}}
	held := message.Held{EventID: 7, BookingID: booking, BuyerID: 42, Section: "A", Seats: seats, Hold: 12, UnitPrice: price, ReservedAt: at}
	change := message.SeatChange{EventID: 7, BookingID: booking, Section: "A", Seats: seats, Hold: 12}
	return []message.Message{
		message.InitializeSeats{EventID: 7, Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{
			{Number: 1, Rows: []seating.Row{{Number: 1, Seats: []int{1, 2, 4}}}}}}},
		message.TicketReservedRequest{EventID: 7, BookingID: booking, BuyerID: 42, Section: "A", Subsection: 1, Mode: message.Manual, Quantity: 2,
			Positions: []domain.SeatPosition{{Row: 2, Seat: 3}, {Row: 2, Seat: 4}}, UnitPrice: price, RequestedAt: at},
		message.SeatUpdatedToReserved{Held: held},
		message.BookingUpdatedToPendingPayment{Held: held},
		message.BookingUpdatedToFailed{EventID: 7, BookingID: booking, Section: "A", Reason: "sold_out"},
		message.BookingPaidSuccess{EventID: 7, BookingID: booking, BuyerID: 42, Section: "A", Seats: seats, Hold: 12, UnitPrice: price,
			Total: price.Times(2), PaidAt: at},
		message.FinalizeSeats{SeatChange: change},
		message.BookingExpiredReleaseTickets{EventID: 7, BookingID: booking, Section: "A", Seats: seats, Hold: 12, Reason: "expired"},
		message.ReleaseSeat{SeatChange: change},
	}
}

func TestEachMessageIsReadAsItWasWritten(t *testing.T) {
	for _, m := range nine() {
		t.Run(m.Action().Flow().Message, func(t *testing.T) {
			e := message.Envelope{ID: "x-1", Time: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), Body: m}

			b, err := encode(e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := decode(m.Action(), b)

			if err != nil || !reflect.DeepEqual(got, e) {
				t.Errorf("%v\ngot  %+v\nwant %+v\n%s", err, got, e, b)
			}
		})
	}
}

func TestDecodeIgnoresUnknownFieldsAndRefusesUnknownVersions(t *testing.T) {
	b, _ := encode(message.Envelope{ID: "x", Body: nine()[4]})
	extended := strings.Replace(string(b), `"reason"`, `"new_field":{"a":[1]},"reason"`, 1)
	if _, err := decode(message.BookingToFailed, []byte(extended)); err != nil {
		t.Errorf("an unknown field: %v", err)
	}
	for name, bad := range map[string]string{
		"version":   strings.Replace(string(b), `"dataversion":1`, `"dataversion":2`, 1),
		"type":      strings.Replace(string(b), `BookingUpdatedToFailed`, `SomethingElse`, 1),
		"booking":   strings.Replace(string(b), `018f5a3e`, `zzzzzzzz`, 1),
		"no json":   "{",
		"no object": "[]",
		"no data":   `{"specversion":"1.0","id":"x","type":"BookingUpdatedToFailed","dataversion":1}`,
	} {
		if got, err := decode(message.BookingToFailed, []byte(bad)); err == nil {
			t.Errorf("%s was taken: %+v", name, got)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, m := range nine() {
		b, _ := encode(message.Envelope{ID: "x", Body: m})
		f.Add(int(m.Action()), b)
	}
	f.Fuzz(func(t *testing.T, action int, b []byte) {
		if action < 0 || action >= int(message.Actions) {
			return
		}
		e, err := decode(message.Action(action), b)
		if err != nil {
			return
		}
		if _, err := encode(e); err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
	})
}
