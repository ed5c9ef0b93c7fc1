package ticketing

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Sales = (*Store)(nil)

// Sales adds the deltas up, by one statement: all of it is of one moment.
func (s *Store) Sales(ctx context.Context, event domain.EventID) (ticketing.Sales, error) {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return ticketing.Sales{}, err
	}
	var rows []struct {
		Section, Available, Reserved, Sold, Bookings int
		Revenue                                      int64
		Minute                                       time.Time
	}
	err = s.Reads.NewSelect().Table("ticket_deltas").Column("section").
		ColumnExpr("sum(available) AS available, sum(reserved) AS reserved, sum(sold) AS sold, sum(revenue)::bigint AS revenue, sum(bookings) AS bookings").
		ColumnExpr("date_trunc('minute', at, 'UTC') AS minute").
		Where("event_id = ?", event).GroupExpr("section, minute").Scan(ctx, &rows)
	if err != nil {
		return ticketing.Sales{}, err
	}
	deltas := make([]ticketing.Delta, len(rows))
	for i, row := range rows {
		deltas[i] = ticketing.Delta{Section: names[row.Section], Counts: ticketing.Counts{Available: row.Available, Reserved: row.Reserved, Sold: row.Sold},
			Revenue: row.Revenue, Bookings: row.Bookings, At: row.Minute}
	}
	return ticketing.SalesOf(names, deltas), nil
}
