package ticketingapi

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// newEvent is NewEvent for reading: a field that was left out differs from zero,
// and a field that is a number or a list may be either.
type newEvent struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	VenueName   string `json:"venue_name"`
	StartsAt    string `json:"starts_at"`
	TimeZone    string `json:"time_zone"`
	Currency    string `json:"currency"`
	MaxTickets  *int   `json:"max_tickets_per_booking"`
	Seating     struct {
		Rows        *int         `json:"rows"`
		SeatsPerRow *int         `json:"seats_per_row"`
		Sections    []newSection `json:"sections"`
	} `json:"seating"`
}

type newSection struct {
	Name        string                      `json:"name"`
	Price       *int64                      `json:"price"`
	Rows        *int                        `json:"rows"`
	SeatsPerRow *int                        `json:"seats_per_row"`
	Subsections numberOrList[newSubsection] `json:"subsections"`
}

type newSubsection struct {
	Number      *int                 `json:"number"`
	Rows        numberOrList[newRow] `json:"rows"`
	SeatsPerRow *int                 `json:"seats_per_row"`
}

type newRow struct {
	Row   *int  `json:"row"`
	Seats []int `json:"seats"`
}

type numberOrList[T any] struct {
	number *int
	list   []T
}

// UnmarshalJSONFrom decides by the first character.
func (n *numberOrList[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == '[' {
		n.list = []T{}
		return json.UnmarshalDecode(d, &n.list)
	}
	return json.UnmarshalDecode(d, &n.number)
}

func (n newEvent) event() ticketing.NewEvent {
	e := ticketing.NewEvent{Name: n.Name, Description: n.Description, VenueName: n.VenueName, StartsAt: n.StartsAt, TimeZone: n.TimeZone,
		Currency: n.Currency, MaxTickets: n.MaxTickets,
		Seating: ticketing.NewSeating{Grid: ticketing.Grid{Rows: n.Seating.Rows, SeatsPerRow: n.Seating.SeatsPerRow}}}
	for _, s := range n.Seating.Sections {
		section := ticketing.NewSection{Name: s.Name, Price: s.Price, Count: s.Subsections.number, Grid: ticketing.Grid{Rows: s.Rows, SeatsPerRow: s.SeatsPerRow}}
		for _, sub := range s.Subsections.list {
			section.Subsections = append(section.Subsections, sub.subsection())
		}
		e.Seating.Sections = append(e.Seating.Sections, section)
	}
	return e
}

func (n newSubsection) subsection() ticketing.NewSubsection {
	s := ticketing.NewSubsection{Number: n.Number, Grid: ticketing.Grid{Rows: n.Rows.number, SeatsPerRow: n.SeatsPerRow}}
	if n.Rows.list != nil {
		s.Rows = make([]ticketing.NewRow, len(n.Rows.list))
		for i, row := range n.Rows.list {
			s.Rows[i] = ticketing.NewRow{Number: row.Row, Seats: row.Seats}
		}
	}
	return s
}
