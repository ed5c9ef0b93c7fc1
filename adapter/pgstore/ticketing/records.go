package ticketing

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.TicketRecords = (*Store)(nil)

// EventIDs returns the events that are not `creating`.
func (s *Store) EventIDs(ctx context.Context) ([]domain.EventID, error) {
	var ids []domain.EventID
	err := s.Reads.NewSelect().Table("events").Column("id").Where("status <> ?", ticketing.Creating).Order("id").Scan(ctx, &ids)
	return ids, err
}

// Totals counts the tickets of every event.
func (s *Store) Totals(ctx context.Context) (map[domain.EventID]ticketing.Counts, error) {
	var sums []struct {
		EventID                   int64
		Available, Reserved, Sold int
	}
	err := s.Reads.NewSelect().Table("ticket_sums").Column("event_id").
		ColumnExpr("sum(available) AS available, sum(reserved) AS reserved, sum(sold) AS sold").Group("event_id").Scan(ctx, &sums)
	totals := map[domain.EventID]ticketing.Counts{}
	for _, s := range sums {
		totals[domain.EventID(s.EventID)] = ticketing.Counts{Available: s.Available, Reserved: s.Reserved, Sold: s.Sold}
	}
	return totals, err
}

// AllTickets returns all tickets of an event, and the counts of its sections.
func (s *Store) AllTickets(ctx context.Context, event domain.EventID) ([]ticketing.Ticket, []ticketing.Counts, error) {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.Batches.Query(ctx, `SELECT section, subsection, row_no, seat_no, status, phase, hold, booking_id, holder_id, price
		FROM tickets WHERE event_id = $1 ORDER BY section, subsection, row_no, seat_no`, int64(event))
	if err != nil {
		return nil, nil, err
	}
	tickets, err := pgx.CollectRows(rows, scanTicket(names))
	if err != nil {
		return nil, nil, err
	}
	counts, err := s.counts(ctx, event, len(names))
	return tickets, counts, err
}

// Deltas returns the counts of each section without a time, and what was sold by
// section and minute, folded deltas included.
func (s *Store) Deltas(ctx context.Context, event domain.EventID) ([]ticketing.Delta, error) {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return nil, err
	}
	rows, err := s.Batches.Query(ctx, `SELECT section, '0001-01-01Z'::timestamptz, sum(available), sum(reserved), 0, 0::bigint, sum(bookings) FROM ticket_sums WHERE event_id = $1 GROUP BY section
		UNION ALL
		SELECT section, minute, 0, 0, sum(sold), sum(revenue)::bigint, 0 FROM ticket_payments WHERE event_id = $1 GROUP BY section, minute`, int64(event))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (d ticketing.Delta, err error) {
		var section int
		err = row.Scan(&section, &d.At, &d.Counts.Available, &d.Counts.Reserved, &d.Counts.Sold, &d.Revenue, &d.Bookings)
		if err == nil && (section < 0 || section >= len(names)) {
			err = fmt.Errorf("a ticket delta of event %d is of section %d, the event has %d sections", event, section, len(names))
		}
		if err == nil {
			d.Section = names[section]
		}
		return d, err
	})
}
