package ticketing

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Sales = (*Store)(nil)

// Sales reads counts, revenue and sales over time in one statement, so that they
// are of one moment.
func (s *Store) Sales(ctx context.Context, event domain.EventID) (ticketing.Sales, error) {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return ticketing.Sales{}, err
	}
	var rows []struct {
		Section                             *int // nil: a minute of all sections
		Minute                              *time.Time
		Available, Reserved, Sold, Bookings int
		Revenue                             int64
	}
	err = s.Reads.NewRaw(`SELECT section, NULL::timestamptz AS minute, sum(available) AS available, sum(reserved) AS reserved, sum(sold) AS sold,
			sum(bookings) AS bookings, 0::bigint AS revenue FROM ticket_sums WHERE event_id = ?0 GROUP BY section
		UNION ALL
		SELECT section, minute, 0, 0, CASE WHEN section IS NULL THEN sum(sold) ELSE 0 END, 0, sum(revenue)::bigint
			FROM ticket_payments WHERE event_id = ?0 GROUP BY GROUPING SETS ((section), (minute))`,
		event).Scan(ctx, &rows)
	if err != nil {
		return ticketing.Sales{}, err
	}
	sales := ticketing.Sales{Sections: make([]ticketing.SectionSales, len(names))}
	for i, name := range names {
		sales.Sections[i].Section = name
	}
	var paid []ticketing.Interval
	for _, row := range rows {
		if row.Section == nil {
			paid = append(paid, ticketing.Interval{At: *row.Minute, Sold: row.Sold, Revenue: row.Revenue})
			continue
		}
		section := &sales.Sections[*row.Section]
		section.Counts = section.Add(ticketing.Counts{Available: row.Available, Reserved: row.Reserved, Sold: row.Sold})
		section.Revenue += row.Revenue
		sales.Bookings += row.Bookings
	}
	sales.OverTime = ticketing.OverTime(paid)
	return sales, nil
}
