package booking

import (
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Request is a request for seats, as the buyer sent it.
type Request struct {
	Section      string
	Subsection   *int
	Mode         string
	Positions    []string // "row-seat"
	Quantity     *int
	AllowPartial *bool // nil: true
}

// Validate refuses what is wrong with a request for any event.
func (r Request) Validate() error {
	c := checker{request: r}
	c.section()
	c.subsection(seating.SectionLayout{})
	switch message.SelectionMode(r.Mode) {
	case message.BestAvailable:
		c.bestAvailable()
	case message.Manual:
		c.manual()
	default:
		c.unknownMode()
	}
	return domain.RefuseFields(c.fields)
}

// New returns a new booking, PROCESSING, or a refusal. It checks the fields
// first, then whether the event is closed.
func New(id domain.BookingID, buyer domain.UserID, event ticketing.CatalogueEvent, r Request, now time.Time) (Booking, error) {
	b := Booking{ID: id, EventID: event.ID, BuyerID: buyer, Section: r.Section, Mode: message.SelectionMode(r.Mode),
		AllowPartial: r.AllowPartial == nil || *r.AllowPartial, Status: Processing, CreatedAt: now, Revision: 1}
	c := checker{request: r, event: &event}
	section, ok := c.section()
	if ok {
		b.UnitPrice = domain.Money{Amount: section.Price, Currency: event.Currency}
		b.Subsection = c.subsection(section.Layout)
	}
	switch b.Mode {
	case message.BestAvailable:
		b.Quantity = c.bestAvailable()
	case message.Manual:
		b.Positions = c.manual()
		b.Quantity = len(b.Positions)
	default:
		c.unknownMode()
	}
	if err := domain.RefuseFields(c.fields); err != nil {
		return Booking{}, err
	}
	if event.Closed {
		return Booking{}, ErrEventClosed
	}
	return b, nil
}

// checker collects the bad fields of a request.
type checker struct {
	request Request
	event   *ticketing.CatalogueEvent // nil: the event is not known yet
	fields  []domain.FieldError
}

func (c *checker) bad(field domain.Path, code, detail string) {
	c.fields = append(c.fields, domain.FieldError{Field: field, Code: code, Detail: detail})
}

func (c *checker) unknownMode() {
	c.bad(domain.Field("seat_selection_mode"), requiredOr("unknown_mode", c.request.Mode == ""), "must be best_available or manual")
}

func requiredOr(code string, missing bool) string {
	if missing {
		return "required"
	}
	return code
}

// most returns how many seats a booking may have.
func (c *checker) most() int {
	if c.event == nil {
		return ticketing.MaxTicketsLimit
	}
	return c.event.MaxTickets
}

func (c *checker) section() (ticketing.CatalogueSection, bool) {
	if c.event == nil {
		if !domain.ValidSectionName(c.request.Section) {
			c.bad(domain.Field("section"), requiredOr("invalid", c.request.Section == ""), "1 to 8 characters of A-Z and 0-9")
		}
		return ticketing.CatalogueSection{}, false
	}
	section, _, ok := c.event.Section(c.request.Section)
	if !ok {
		c.bad(domain.Field("section"), "unknown_section", "the event has no such section")
	}
	return section, ok
}

func (c *checker) subsection(l seating.SectionLayout) int {
	n := c.request.Subsection
	if n == nil {
		return 0
	}
	if c.event == nil {
		if *n < 1 || *n > domain.MaxNumber {
			c.bad(domain.Field("subsection"), "out_of_range", "1 to "+strconv.Itoa(domain.MaxNumber))
		}
		return 0
	}
	if l.HasSubsection(*n) {
		return *n
	}
	c.bad(domain.Field("subsection"), "unknown_subsection", "the section has no such subsection")
	return 0
}

func (c *checker) bestAvailable() int {
	if len(c.request.Positions) > 0 {
		c.bad(domain.Field("seat_positions"), "not_allowed", "allowed with manual only")
	}
	switch q := c.request.Quantity; {
	case q == nil:
		c.bad(domain.Field("quantity"), "required", "the number of seats is missing")
	case *q < 1 || *q > c.most():
		c.bad(domain.Field("quantity"), "out_of_range", "1 to "+strconv.Itoa(c.most()))
	default:
		return *q
	}
	return 0
}

func (c *checker) manual() []domain.SeatPosition {
	if c.request.Subsection == nil {
		c.bad(domain.Field("subsection"), "required", "manual needs a subsection")
	}
	if n := len(c.request.Positions); n > c.most() {
		c.bad(domain.Field("seat_positions"), "out_of_range", "at most "+strconv.Itoa(c.most()))
		return nil
	}
	if q := c.request.Quantity; q != nil && *q != len(c.request.Positions) {
		c.bad(domain.Field("quantity"), "not_allowed", "with manual, leave it out or give the number of seat_positions")
	}
	seen := map[domain.SeatPosition]bool{}
	var positions []domain.SeatPosition
	for i, text := range c.request.Positions {
		field := domain.Field("seat_positions").Index(i)
		p, err := domain.ParseSeatPosition(text)
		switch {
		case err != nil:
			c.bad(field, "malformed", "must be row-seat, for example 1-12")
		case seen[p]:
			c.bad(field, "duplicate", "given twice")
		case c.event != nil && c.request.Subsection != nil && !c.event.HasSeat(domain.SeatID{Section: c.request.Section, Subsection: *c.request.Subsection, Row: p.Row, Seat: p.Seat}):
			c.bad(field, "unknown_seat", "the subsection has no such seat")
		}
		seen[p] = true
		positions = append(positions, p)
	}
	return positions
}
