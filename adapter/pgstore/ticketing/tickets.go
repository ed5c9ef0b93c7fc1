package ticketing

import (
	"context"

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Tickets lists the tickets of record.
type Tickets struct{ *Store }

var _ port.Tickets = Tickets{}

type listedRow struct {
	Section                           int
	Subsection, RowNo, SeatNo, Status int
	Phase                             int
	Hold                              int64
	BookingID                         *uuid.UUID
	HolderID                          *int64
	Price                             int64
	HolderName, HolderEmail           *string
}

// List returns a page of tickets in layout order. The inner query finds the page by
// the primary key alone, so that joins are made for one page, whatever the
// statistics of a new event are.
func (s Tickets) List(ctx context.Context, event domain.EventID, f port.TicketFilter) ([]ticketing.Listed, error) {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return nil, err
	}
	const layoutOrder = "t.section, t.subsection, t.row_no, t.seat_no"
	page := s.Reads.NewSelect().TableExpr("tickets AS t").Where("t.event_id = ?", event).OrderExpr(layoutOrder).Limit(int64(f.Limit))
	if f.Section != "" {
		page.Where("t.section = ?", position(names, f.Section))
	}
	if f.Subsection != 0 {
		page.Where("t.subsection = ?", f.Subsection)
	}
	if f.Status != nil {
		page.Where("t.status = ?", int(*f.Status))
	}
	if f.After != (domain.SeatID{}) {
		page.Where("("+layoutOrder+") > (?, ?, ?, ?)", position(names, f.After.Section), f.After.Subsection, f.After.Row, f.After.Seat)
	}
	q := s.Reads.NewSelect().TableExpr("(?) AS t", page).
		ColumnExpr("t.section, t.subsection, t.row_no, t.seat_no, t.status, t.phase, t.hold, t.booking_id, t.holder_id").
		ColumnExpr("coalesce(t.price, s.price) AS price, u.name AS holder_name, u.email AS holder_email").
		Join("JOIN sections AS s ON s.event_id = t.event_id AND s.position = t.section").
		Join("LEFT JOIN LATERAL (SELECT name, email FROM users WHERE id = t.holder_id OFFSET 0) AS u ON true"). // a look-up for each ticket: a join may read all users
		OrderExpr(layoutOrder)
	var rows []listedRow
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	listed := make([]ticketing.Listed, len(rows))
	for i, row := range rows {
		listed[i] = row.listed(names)
	}
	return listed, nil
}

func (r listedRow) listed(names []string) ticketing.Listed {
	t := ticketing.Listed{Ticket: ticketing.Ticket{
		Seat:   domain.SeatID{Section: names[r.Section], Subsection: r.Subsection, Row: r.RowNo, Seat: r.SeatNo},
		Status: ticketing.Status(r.Status), Hold: domain.Hold(r.Hold), Phase: ticketing.Phase(r.Phase), Price: r.Price}}
	if r.BookingID != nil {
		t.BookingID = domain.BookingID(*r.BookingID)
	}
	if r.HolderID != nil {
		t.HolderID = domain.UserID(*r.HolderID)
	}
	if r.HolderName != nil && r.HolderEmail != nil {
		t.HolderName, t.HolderEmail = *r.HolderName, *r.HolderEmail
	}
	return t
}

// position of a section; -1 if there is none.
func position(names []string, name string) int {
	for i, n := range names {
		if n == name {
			return i
		}
	}
	return -1
}
