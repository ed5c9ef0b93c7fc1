package ticketing

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/uptrace/bun"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Events = (*Store)(nil)

type eventRow struct {
	bun.BaseModel `bun:"table:events"`

	ID          int64     `bun:"id,pk"`
	SellerID    int64     `bun:"seller_id"`
	SellerName  string    `bun:"seller_name"`
	Name        string    `bun:"name"`
	Description string    `bun:"description"`
	VenueName   string    `bun:"venue_name"`
	StartsAt    time.Time `bun:"starts_at"`
	TimeZone    string    `bun:"time_zone"`
	Currency    string    `bun:"currency"`
	MaxTickets  int       `bun:"max_tickets"`
	Status      string    `bun:"status"`
	CreatedAt   time.Time `bun:"created_at"`
	Revision    int64     `bun:"revision"`
}

func (r eventRow) event() ticketing.Event {
	return ticketing.Event{Status: ticketing.EventStatus(r.Status), CatalogueEvent: ticketing.CatalogueEvent{
		ID: domain.EventID(r.ID), SellerID: domain.UserID(r.SellerID), SellerName: r.SellerName,
		Name: r.Name, Description: r.Description, VenueName: r.VenueName, StartsAt: r.StartsAt.UTC(), TimeZone: r.TimeZone,
		Currency: domain.Currency(r.Currency), MaxTickets: r.MaxTickets, Closed: ticketing.EventStatus(r.Status).Over(),
		Archived:  r.Status == string(ticketing.Archived),
		CreatedAt: r.CreatedAt.UTC(), Revision: r.Revision}}
}

// Event returns an event with the counts of its sections.
func (s *Store) Event(ctx context.Context, id domain.EventID) (ticketing.Event, error) {
	var row eventRow
	err := s.Reads.NewSelect().Model(&row).Where("id = ?", id).Where("status <> ?", ticketing.Creating).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return ticketing.Event{}, ticketing.UnknownEvent
	}
	if err != nil {
		return ticketing.Event{}, err
	}
	e := row.event()
	var sections []struct {
		Name        string
		Price       int64
		Subsections []int `bun:",array"`
	}
	err = s.Reads.NewSelect().Table("sections").Column("name", "price", "subsections").Where("event_id = ?", id).Order("position").Scan(ctx, &sections)
	if err != nil {
		return ticketing.Event{}, err
	}
	for _, section := range sections {
		layout := seating.SectionLayout{Name: section.Name}
		for _, n := range section.Subsections {
			layout.Subsections = append(layout.Subsections, seating.Subsection{Number: n})
		}
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Layout: layout, Price: section.Price})
	}
	e.Counts, err = s.counts(ctx, id, len(sections))
	return e, err
}

// counts returns the counts of sections by position.
func (s *Store) counts(ctx context.Context, id domain.EventID, sections int) ([]ticketing.Counts, error) {
	var sums []struct{ Section, Available, Reserved, Sold int }
	err := s.Reads.NewSelect().Table("ticket_sums").Column("section").
		ColumnExpr("sum(available) AS available, sum(reserved) AS reserved, sum(sold) AS sold").
		Where("event_id = ?", id).Group("section").Scan(ctx, &sums)
	counts := make([]ticketing.Counts, sections)
	for _, sum := range sums {
		counts[sum.Section] = ticketing.Counts{Available: sum.Available, Reserved: sum.Reserved, Sold: sum.Sold}
	}
	return counts, err
}

// List returns a page of events, newest first.
func (s *Store) List(ctx context.Context, f port.EventFilter) ([]ticketing.Event, error) {
	var rows []struct {
		eventRow `bun:",extend"`

		Available, Reserved, Sold int
	}
	q := s.Reads.NewSelect().TableExpr("events").ColumnExpr("events.*, c.*").
		Join(`CROSS JOIN LATERAL (SELECT coalesce(sum(available), 0) AS available, coalesce(sum(reserved), 0) AS reserved,
			coalesce(sum(sold), 0) AS sold FROM ticket_sums d WHERE d.event_id = events.id) c`).
		OrderExpr("events.id DESC").Limit(int64(f.Limit))
	if f.Seller != 0 {
		q.Where("seller_id = ?", f.Seller).Where("status <> ?", ticketing.Creating)
	} else {
		q.Where("status = ?", ticketing.OnSale)
	}
	if f.Before != 0 {
		q.Where("events.id < ?", f.Before)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	events := make([]ticketing.Event, len(rows))
	for i, row := range rows {
		events[i] = row.event()
		events[i].Counts = []ticketing.Counts{{Available: row.Available, Reserved: row.Reserved, Sold: row.Sold}}
	}
	return events, nil
}
