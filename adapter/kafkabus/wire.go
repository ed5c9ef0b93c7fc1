package kafkabus

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// dataVersion is the version of the data of all messages. Any other is poison.
const dataVersion = 1

// cloudEvent is a CloudEvent in structured JSON (specversion 1.0).
type cloudEvent struct {
	SpecVersion string          `json:"specversion"`
	ID          string          `json:"id"`
	Type        string          `json:"type"`
	Source      message.Service `json:"source"`
	Time        time.Time       `json:"time"`
	DataVersion int             `json:"dataversion"`
	Data        json.RawMessage `json:"data"`
}

type money struct {
	Amount   int64           `json:"amount"`
	Currency domain.Currency `json:"currency"`
}

type row struct {
	Row   int   `json:"row"`
	Seats []int `json:"seats"`
}

type subsection struct {
	Number int   `json:"number"`
	Rows   []row `json:"rows"`
}

// data holds the data of any of the nine messages. Each message uses the fields
// that the table of messages gives it; the others are left out. The order is that
// of the bytes.
type data struct {
	EventID     domain.EventID        `json:"event_id"`
	BookingID   string                `json:"booking_id,omitempty"`
	BuyerID     domain.UserID         `json:"buyer_id,omitempty"`
	Section     string                `json:"section,omitempty"`
	Subsections []subsection          `json:"subsections,omitempty"`
	HoldBase    *domain.Hold          `json:"hold_base,omitempty"`
	Mode        message.SelectionMode `json:"seat_selection_mode,omitempty"`
	Seats       []string              `json:"seats,omitempty"`
	Hold        domain.Hold           `json:"hold,omitempty"`
	UnitPrice   *money                `json:"unit_price,omitempty"`
	Total       *money                `json:"total,omitempty"`
	Reason      string                `json:"reason,omitempty"`
	ReservedAt  *time.Time            `json:"reserved_at,omitempty"`
	PaidAt      *time.Time            `json:"paid_at,omitempty"`
	*request
}

// request holds the fields that only TicketReservedRequest has. They are always
// written.
type request struct {
	Subsection   *int      `json:"subsection"` // null: any
	Quantity     int       `json:"quantity"`
	Positions    []string  `json:"seat_positions"`
	AllowPartial bool      `json:"allow_partial"`
	RequestedAt  time.Time `json:"requested_at"`
}

var errData = errors.New("data is not that of the message")

// decode reads the bytes of a message of an action. The caller sets the envelope's
// Partition.
//
// It refuses text and numbers that a database would refuse for good, and lists that
// are longer than our services send. Otherwise such a record would be tried for ever
// and stop the answers of its event.
func decode(a message.Action, b []byte) (message.Envelope, error) {
	e, d, ok := readQuickly(a, b)
	if !ok {
		var err error
		if e, d, err = read(a, b); err != nil {
			return message.Envelope{}, err
		}
	}
	if !storable(e.ID) {
		return message.Envelope{}, fmt.Errorf("id %q cannot be stored", e.ID)
	}
	body, err := d.message(a)
	return message.Envelope{ID: e.ID, Time: e.Time, Body: body}, err
}

// read reads any JSON that says what a message of an action says.
func read(a message.Action, b []byte) (e cloudEvent, d data, err error) {
	if !utf8.Valid(b) {
		return e, d, errors.New("not a CloudEvent: not UTF-8")
	}
	if err := json.Unmarshal(b, &e); err != nil {
		return e, d, fmt.Errorf("not a CloudEvent: %w", err)
	}
	if e.SpecVersion != "1.0" || e.Type != a.Flow().Message || e.ID == "" {
		return e, d, fmt.Errorf("type %q, version %q, id %q is no %s", e.Type, e.SpecVersion, e.ID, a.Flow().Message)
	}
	d.request = &request{}
	if err := json.Unmarshal(e.Data, &d); err != nil {
		return e, d, err
	}
	if e.DataVersion != dataVersion {
		return e, d, fmt.Errorf("data version %d is not known", e.DataVersion)
	}
	return e, d, nil
}

// reader reads the data of a message and keeps the first error.
type reader struct {
	data
	err error
}

func (d data) message(a message.Action) (message.Message, error) {
	r := reader{data: d}
	r.check(d.EventID > 0, "event_id")
	r.check(domain.ValidSectionName(d.Section) || a == message.BookingToFailed && d.Section == "", "section")
	r.check(d.BuyerID >= 0, "buyer_id")
	r.check(storable(d.Reason), "reason")
	m := r.body(a)
	if r.err != nil {
		return nil, r.err
	}
	return m, nil
}

func (r *reader) body(a message.Action) message.Message {
	switch a {
	case message.SeatInitialization:
		return r.initialize()
	case message.TicketReserving:
		return r.reserve()
	case message.TicketToReserved:
		return message.SeatUpdatedToReserved{Held: r.held()}
	case message.BookingToPendingPayment:
		return message.BookingUpdatedToPendingPayment{Held: r.held()}
	case message.BookingToFailed:
		return message.BookingUpdatedToFailed{EventID: r.EventID, BookingID: r.booking(), Section: r.Section, Reason: r.Reason}
	case message.TicketToPaid:
		r.check(r.PaidAt != nil && r.Hold > 0, "paid_at, hold")
		if r.err != nil {
			return nil
		}
		return message.BookingPaidSuccess{EventID: r.EventID, BookingID: r.booking(), BuyerID: r.BuyerID, Section: r.Section,
			Seats: r.seats(), Hold: r.Hold, UnitPrice: r.price(), Total: r.money(r.data.Total, domain.MaxPrice*ticketing.MaxTicketsLimit), PaidAt: *r.PaidAt}
	case message.TicketToAvailable:
		c := r.change()
		return message.BookingExpiredReleaseTickets{EventID: c.EventID, BookingID: c.BookingID, Section: c.Section, Seats: c.Seats, Hold: c.Hold, Reason: r.Reason}
	case message.FinalizeTicket:
		return message.FinalizeSeats{SeatChange: r.change()}
	case message.ReleaseTicket:
		return message.ReleaseSeat{SeatChange: r.change()}
	}
	r.check(false, "type")
	return nil
}

// maxText is the length of an id or a reason, in bytes.
const maxText = 255

// storable reports whether text has no U+0000 and no other control characters,
// and is not too long.
func storable(text string) bool { return len(text) <= maxText && domain.TextCode(text, false) == "" }

func (r *reader) check(ok bool, field string) {
	if !ok && r.err == nil {
		r.err = fmt.Errorf("%w: %s", errData, field)
	}
}

func (r *reader) initialize() message.Message {
	m := message.InitializeSeats{EventID: r.EventID, Layout: seating.SectionLayout{Name: r.Section}}
	r.check(r.HoldBase != nil && *r.HoldBase >= 0, "hold_base")
	if r.HoldBase != nil {
		m.HoldBase = *r.HoldBase
	}
	for _, s := range r.Subsections {
		sub := seating.Subsection{Number: s.Number}
		for _, x := range s.Rows {
			sub.Rows = append(sub.Rows, seating.Row{Number: x.Row, Seats: x.Seats})
		}
		m.Layout.Subsections = append(m.Layout.Subsections, sub)
	}
	r.check(m.Layout.Validate() == nil, "subsections")
	return m
}

func (r *reader) reserve() message.Message {
	m := message.TicketReservedRequest{EventID: r.EventID, BookingID: r.booking(), BuyerID: r.BuyerID, Section: r.Section, Mode: r.Mode,
		Quantity: r.Quantity, AllowPartial: r.AllowPartial, UnitPrice: r.price(), RequestedAt: r.RequestedAt}
	r.check(r.Mode == message.BestAvailable || r.Mode == message.Manual, "seat_selection_mode")
	r.check(r.Quantity >= 0 && r.Quantity <= ticketing.MaxTicketsLimit, "quantity")
	if r.Subsection != nil {
		m.Subsection = *r.Subsection
		r.check(m.Subsection >= 0 && m.Subsection <= domain.MaxNumber, "subsection")
	}
	r.check(len(r.Positions) <= ticketing.MaxTicketsLimit, "seat_positions")
	for _, text := range r.Positions {
		p, err := domain.ParseSeatPosition(text)
		r.check(err == nil, "seat_positions")
		m.Positions = append(m.Positions, p)
	}
	return m
}

func (r *reader) held() message.Held {
	r.check(r.ReservedAt != nil && r.Hold > 0, "reserved_at, hold")
	h := message.Held{EventID: r.EventID, BookingID: r.booking(), BuyerID: r.BuyerID, Section: r.Section, Seats: r.seats(),
		Hold: r.Hold, UnitPrice: r.price()}
	if r.ReservedAt != nil {
		h.ReservedAt = *r.ReservedAt
	}
	return h
}

func (r *reader) change() message.SeatChange {
	r.check(r.Hold > 0, "hold")
	return message.SeatChange{EventID: r.EventID, BookingID: r.booking(), Section: r.Section, Seats: r.seats(), Hold: r.Hold}
}

func (r *reader) booking() domain.BookingID {
	id, ok := domain.ParseBookingID(r.BookingID)
	r.check(ok, "booking_id")
	return id
}

func (r *reader) price() domain.Money { return r.money(r.UnitPrice, domain.MaxPrice) }

func (r *reader) money(m *money, most int64) domain.Money {
	if m == nil {
		r.check(false, "unit_price, total")
		return domain.Money{}
	}
	_, known := m.Currency.MinorUnits()
	r.check(known && m.Amount >= 0 && m.Amount <= most, "unit_price, total")
	return domain.Money{Amount: m.Amount, Currency: m.Currency}
}

func (r *reader) seats() []domain.SeatID {
	r.check(len(r.Seats) > 0 && len(r.Seats) <= ticketing.MaxTicketsLimit, "seats")
	if r.err != nil {
		return nil
	}
	seats := make([]domain.SeatID, 0, len(r.Seats))
	for _, text := range r.Seats {
		s, err := domain.ParseSeatID(text)
		r.check(err == nil && s.Section == r.Section && !slices.Contains(seats, s), "seats")
		s.Section = r.Section // one copy for all seats
		seats = append(seats, s)
	}
	return seats
}
