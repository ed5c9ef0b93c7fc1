package kafkabus

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
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

func TestWhatIsWrittenIsReadQuickly(t *testing.T) {
	for _, m := range nine() {
		b, _ := encode(message.Envelope{ID: "x", Body: m})

		_, _, quickly := readQuickly(m.Action(), b)

		if _, hall := m.(message.InitializeSeats); quickly == hall {
			t.Errorf("%s: %v", m.Action(), quickly)
		}
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

// Servers of earlier versions write and read messages with encoding/json.
func FuzzDecode(f *testing.F) {
	for _, m := range nine() {
		for _, id := range []string{"x", ""} {
			b, _ := encode(message.Envelope{ID: id, Body: m})
			f.Add(int(m.Action()), b)
		}
	}
	for _, odd := range []string{
		`{"SpecVersion":"1.0","ID":"x","TYPE":"BookingUpdatedToFailed","dataversion":1,"Data":{"Event_ID":7,"booking_id":"018f5a3e-7c1b-7d2a-9b3c-0123456789ab"}}`,
		`{"specversion":"1.0","id":"x","type":"BookingUpdatedToFailed","dataversion":1,"data":{"event_id":7,"booking_id":"018f5a3e-7c1b-7d2a-9b3c-0123456789ab"},"data":{"event_id":7}}`,
		`{"specversion":"1.0","id":"\ud800","id":null,"type":"BookingUpdatedToFailed","dataversion":1,"data":{"event_id":7,"booking_id":"018f5a3e-7c1b-7d2a-9b3c-0123456789ab","reason":"<\u2028\ud800"}}`,
	} {
		f.Add(int(message.BookingToFailed), []byte(odd))
	}
	f.Add(int(message.TicketReserving), []byte(`{"specversion":"1.0","id":"x","type":"TicketReservedRequest","dataversion":1}`))
	f.Fuzz(func(t *testing.T, action int, b []byte) {
		if action < 0 || action >= int(message.Actions) {
			return
		}
		e, err := decode(message.Action(action), b)
		if old, oldErr := slowDecode(message.Action(action), b); (err == nil) != (oldErr == nil) || err == nil && !reflect.DeepEqual(e, old) {
			t.Fatalf("read as    %+v, %v\nearlier as %+v, %v", e, err, old, oldErr)
		}
		if err != nil {
			return
		}
		written, err := encode(e)
		if err != nil {
			t.Fatalf("what was read cannot be written: %v", err)
		}
		if old, err := slowEncode(e); err != nil || !bytes.Equal(written, old) {
			t.Fatalf("written as %s\nearlier as %s, %v", written, old, err)
		}
	})
}

func slowDecode(a message.Action, b []byte) (message.Envelope, error) {
	e, d, err := read(a, b)
	if err != nil || !storable(e.ID) {
		return message.Envelope{}, cmp.Or(err, errData)
	}
	body, err := d.message(a)
	return message.Envelope{ID: e.ID, Time: e.Time, Body: body}, err
}

func slowEncode(e message.Envelope) ([]byte, error) {
	d, err := dataOf(e.Body)
	if err != nil {
		return nil, err
	}
	body, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	flow := e.Body.Action().Flow()
	return json.Marshal(cloudEvent{SpecVersion: "1.0", ID: e.ID, Type: flow.Message, Source: flow.From,
		Time: e.Time.UTC(), DataVersion: dataVersion, Data: body})
}

func dataOf(m message.Message) (data, error) {
	switch m := m.(type) {
	case message.InitializeSeats:
		d := data{EventID: m.EventID, Section: m.Layout.Name, HoldBase: &m.HoldBase}
		for _, s := range m.Layout.Subsections {
			sub := subsection{Number: s.Number}
			for _, r := range s.Rows {
				sub.Rows = append(sub.Rows, row{Row: r.Number, Seats: r.Seats})
			}
			d.Subsections = append(d.Subsections, sub)
		}
		return d, nil
	case message.TicketReservedRequest:
		r := &request{Quantity: m.Quantity, Positions: []string{}, AllowPartial: m.AllowPartial, RequestedAt: m.RequestedAt.UTC()}
		if m.Subsection != 0 {
			r.Subsection = &m.Subsection
		}
		for _, p := range m.Positions {
			r.Positions = append(r.Positions, p.String())
		}
		return data{EventID: m.EventID, BookingID: m.BookingID.String(), BuyerID: m.BuyerID, Section: m.Section, Mode: m.Mode,
			UnitPrice: moneyOf(m.UnitPrice), request: r}, nil
	case message.SeatUpdatedToReserved:
		return heldData(m.Held), nil
	case message.BookingUpdatedToPendingPayment:
		return heldData(m.Held), nil
	case message.BookingUpdatedToFailed:
		return data{EventID: m.EventID, BookingID: m.BookingID.String(), Section: m.Section, Reason: m.Reason}, nil
	case message.BookingPaidSuccess:
		paid := m.PaidAt.UTC()
		return data{EventID: m.EventID, BookingID: m.BookingID.String(), BuyerID: m.BuyerID, Section: m.Section, Seats: seatTexts(m.Seats),
			Hold: m.Hold, UnitPrice: moneyOf(m.UnitPrice), Total: moneyOf(m.Total), PaidAt: &paid}, nil
	case message.BookingExpiredReleaseTickets:
		return data{EventID: m.EventID, BookingID: m.BookingID.String(), Section: m.Section, Seats: seatTexts(m.Seats), Hold: m.Hold, Reason: m.Reason}, nil
	case message.FinalizeSeats:
		return changeData(m.SeatChange), nil
	case message.ReleaseSeat:
		return changeData(m.SeatChange), nil
	}
	return data{}, fmt.Errorf("%T is not one of the nine messages", m)
}

func heldData(h message.Held) data {
	at := h.ReservedAt.UTC()
	return data{EventID: h.EventID, BookingID: h.BookingID.String(), BuyerID: h.BuyerID, Section: h.Section, Seats: seatTexts(h.Seats),
		Hold: h.Hold, UnitPrice: moneyOf(h.UnitPrice), ReservedAt: &at}
}

func changeData(c message.SeatChange) data {
	return data{EventID: c.EventID, BookingID: c.BookingID.String(), Section: c.Section, Seats: seatTexts(c.Seats), Hold: c.Hold}
}

func moneyOf(m domain.Money) *money { return &money{Amount: m.Amount, Currency: m.Currency} }

func seatTexts(seats []domain.SeatID) []string {
	out := make([]string, len(seats))
	for i, s := range seats {
		out[i] = s.String()
	}
	return out
}
