package ticketing

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/uptrace/bun"

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

// Totals counts the tickets of some events.
func (s *Store) Totals(ctx context.Context, of []domain.EventID) (map[domain.EventID]ticketing.Counts, error) {
	totals := map[domain.EventID]ticketing.Counts{}
	if len(of) == 0 {
		return totals, nil
	}
	var sums []struct {
		EventID                   int64
		Available, Reserved, Sold int
	}
	err := s.Reads.NewSelect().Table("ticket_sums").Column("event_id").
		ColumnExpr("sum(available) AS available, sum(reserved) AS reserved, sum(sold) AS sold").
		Where("event_id IN (?)", bun.List(of)).Group("event_id").Scan(ctx, &sums)
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

// Revenue reads the sums in one statement, so that a fold between two statements
// changes nothing.
func (s *Store) Revenue(ctx context.Context, event domain.EventID) ([]int64, []ticketing.Interval, error) {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return nil, nil, err
	}
	rows, err := s.Batches.Query(ctx, `
		SELECT section::int, NULL::timestamptz, 0::bigint, sum(revenue)::bigint FROM ticket_payments WHERE event_id = $1 GROUP BY section
		UNION ALL
		SELECT NULL, date_trunc('minute', minute, 'UTC') AS start, sum(sold), sum(revenue)::bigint FROM ticket_payments WHERE event_id = $1 GROUP BY start`, int64(event))
	if err != nil {
		return nil, nil, err
	}
	sections := make([]int64, len(names))
	var minutes []ticketing.Interval
	var (
		section *int
		minute  *time.Time
		sum     ticketing.Interval
	)
	_, err = pgx.ForEachRow(rows, []any{&section, &minute, &sum.Sold, &sum.Revenue}, func() error {
		switch {
		case minute != nil:
			sum.At = minute.UTC()
			minutes = append(minutes, sum)
		case *section < 0 || *section >= len(names):
			return fmt.Errorf("sales of event %d are of section %d, the event has %d sections", event, *section, len(names))
		default:
			sections[*section] = sum.Revenue
		}
		return nil
	})
	return sections, minutes, err
}
