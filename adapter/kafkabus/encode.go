package kafkabus

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// usualSize is enough for the bytes of most messages.
const usualSize = 768

// encode returns the bytes of a message: those that encoding/json would write of a
// cloudEvent. Three messages are written for each booking, so it takes neither
// reflection nor a value in between.
func encode(e message.Envelope) ([]byte, error) {
	flow := e.Body.Action().Flow()
	w := writer{b: make([]byte, 0, usualSize)}
	w.open()
	w.text("specversion", "1.0")
	w.text("id", e.ID)
	w.text("type", flow.Message)
	w.text("source", string(flow.From))
	w.time("time", e.Time)
	w.number("dataversion", dataVersion)
	w.name("data")
	w.open()
	w.body(e.Body)
	w.close()
	w.close()
	return w.b, w.err
}

// body writes the fields of a message, in the order of type data.
func (w *writer) body(m message.Message) {
	switch m := m.(type) {
	case message.InitializeSeats:
		w.number("event_id", int64(m.EventID))
		w.text("section", m.Layout.Name)
		w.subsections(m.Layout.Subsections)
		w.number("hold_base", int64(m.HoldBase))
	case message.TicketReservedRequest:
		w.request(m)
	case message.SeatUpdatedToReserved:
		w.held(m.Held)
	case message.BookingUpdatedToPendingPayment:
		w.held(m.Held)
	case message.BookingUpdatedToFailed:
		w.booking(m.EventID, m.BookingID, 0, m.Section)
		w.optional("reason", m.Reason)
	case message.BookingPaidSuccess:
		w.booking(m.EventID, m.BookingID, m.BuyerID, m.Section)
		w.seats(m.Seats, m.Hold)
		w.money("unit_price", m.UnitPrice)
		w.money("total", m.Total)
		w.time("paid_at", m.PaidAt)
	case message.BookingExpiredReleaseTickets:
		w.booking(m.EventID, m.BookingID, 0, m.Section)
		w.seats(m.Seats, m.Hold)
		w.optional("reason", m.Reason)
	case message.FinalizeSeats:
		w.change(m.SeatChange)
	case message.ReleaseSeat:
		w.change(m.SeatChange)
	default:
		w.err = fmt.Errorf("%T is not one of the nine messages", m)
	}
}

func (w *writer) request(m message.TicketReservedRequest) {
	w.booking(m.EventID, m.BookingID, m.BuyerID, m.Section)
	w.optional("seat_selection_mode", string(m.Mode))
	w.money("unit_price", m.UnitPrice)
	w.name("subsection")
	if m.Subsection == 0 {
		w.b = append(w.b, "null"...)
	} else {
		w.b = strconv.AppendInt(w.b, int64(m.Subsection), 10)
	}
	w.number("quantity", int64(m.Quantity))
	w.name("seat_positions")
	w.b = append(w.b, '[')
	for i, p := range m.Positions {
		w.item(i)
		w.quote(p.String())
	}
	w.b = append(w.b, ']')
	w.name("allow_partial")
	w.b = strconv.AppendBool(w.b, m.AllowPartial)
	w.time("requested_at", m.RequestedAt)
}

func (w *writer) held(h message.Held) {
	w.booking(h.EventID, h.BookingID, h.BuyerID, h.Section)
	w.seats(h.Seats, h.Hold)
	w.money("unit_price", h.UnitPrice)
	w.time("reserved_at", h.ReservedAt)
}

func (w *writer) change(c message.SeatChange) {
	w.booking(c.EventID, c.BookingID, 0, c.Section)
	w.seats(c.Seats, c.Hold)
}

func (w *writer) booking(event domain.EventID, booking domain.BookingID, buyer domain.UserID, section string) {
	w.number("event_id", int64(event))
	w.text("booking_id", booking.String())
	if buyer != 0 {
		w.number("buyer_id", int64(buyer))
	}
	w.optional("section", section)
}

func (w *writer) seats(seats []domain.SeatID, hold domain.Hold) {
	if len(seats) > 0 {
		w.name("seats")
		w.b = append(w.b, '[')
		for i, s := range seats {
			w.item(i)
			w.quote(s.String())
		}
		w.b = append(w.b, ']')
	}
	if hold != 0 {
		w.number("hold", int64(hold))
	}
}

func (w *writer) subsections(all []seating.Subsection) {
	w.name("subsections")
	w.b = append(w.b, '[')
	for i, s := range all {
		w.item(i)
		w.open()
		w.number("number", int64(s.Number))
		w.name("rows")
		w.b = append(w.b, '[')
		for i, r := range s.Rows {
			w.item(i)
			w.open()
			w.number("row", int64(r.Number))
			w.name("seats")
			w.b = append(w.b, '[')
			for i, seat := range r.Seats {
				w.item(i)
				w.b = strconv.AppendInt(w.b, int64(seat), 10)
			}
			w.b = append(w.b, ']')
			w.close()
		}
		w.b = append(w.b, ']')
		w.close()
	}
	w.b = append(w.b, ']')
}

// writer appends JSON and keeps the first error.
type writer struct {
	b   []byte
	err error
}

func (w *writer) open() { w.b = append(w.b, '{') }

func (w *writer) close() { w.b = append(w.b, '}') }

// item separates the items of a list.
func (w *writer) item(i int) {
	if i > 0 {
		w.b = append(w.b, ',')
	}
}

// name begins a field of an object.
func (w *writer) name(n string) {
	if w.b[len(w.b)-1] != '{' {
		w.b = append(w.b, ',')
	}
	w.b = append(w.b, '"')
	w.b = append(w.b, n...)
	w.b = append(w.b, '"', ':')
}

func (w *writer) number(name string, v int64) {
	w.name(name)
	w.b = strconv.AppendInt(w.b, v, 10)
}

func (w *writer) text(name, v string) {
	w.name(name)
	w.quote(v)
}

// optional leaves empty text out.
func (w *writer) optional(name, v string) {
	if v != "" {
		w.text(name, v)
	}
}

func (w *writer) money(name string, m domain.Money) {
	w.name(name)
	w.open()
	w.number("amount", m.Amount)
	w.text("currency", string(m.Currency))
	w.close()
}

// time writes RFC 3339, which ends in the year 9999.
func (w *writer) time(name string, t time.Time) {
	w.name(name)
	w.b = append(w.b, '"')
	b, err := t.UTC().AppendText(w.b)
	if err != nil {
		w.fail(err)
		return
	}
	w.b = append(b, '"')
}

func (w *writer) quote(s string) {
	if plain(s) {
		w.b = append(w.b, '"')
		w.b = append(w.b, s...)
		w.b = append(w.b, '"')
		return
	}
	b, err := json.Marshal(s)
	if err != nil {
		w.fail(err)
		return
	}
	w.b = append(w.b, b...)
}

func (w *writer) fail(err error) {
	if w.err == nil {
		w.err = err
	}
}

// plain reports whether encoding/json writes text as it is. It escapes what HTML
// would not take.
func plain(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case c < ' ', c > '~', c == '"', c == '\\', c == '<', c == '>', c == '&':
			return false
		}
	}
	return true
}
