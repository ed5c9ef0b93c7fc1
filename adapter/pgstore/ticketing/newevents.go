package ticketing

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.NewEvents = (*Store)(nil)

// Create stores an event, its sections and its tickets in one transaction. Tickets
// are stored by COPY.
func (s *Store) Create(ctx context.Context, e ticketing.CatalogueEvent) (id domain.EventID, err error) {
	err = pgx.BeginFunc(ctx, s.Batches, func(tx pgx.Tx) error {
		err := tx.QueryRow(ctx, `INSERT INTO events (seller_id, seller_name, name, description, venue_name, starts_at, time_zone, currency,
			max_tickets, status, created_at, revision, journal_topic_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '') RETURNING id`,
			int64(e.SellerID), e.SellerName, e.Name, e.Description, e.VenueName, e.StartsAt, e.TimeZone, string(e.Currency),
			e.MaxTickets, string(ticketing.Creating), e.CreatedAt, e.Revision).Scan(&id)
		if err != nil {
			return err
		}
		for position, section := range e.Sections {
			if err := insertSection(ctx, tx, id, position, section); err != nil {
				return err
			}
		}
		_, err = tx.CopyFrom(ctx, pgx.Identifier{"tickets"},
			[]string{"event_id", "section", "subsection", "row_no", "seat_no", "status", "phase", "hold"}, newTickets(id, e.Sections))
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO ticket_deltas SELECT event_id, section, count(*), 0, 0, 0, $2 FROM tickets WHERE event_id = $1
			GROUP BY event_id, section`, int64(id), e.CreatedAt)
		return err
	})
	if err == nil {
		crashpoint.At(crashpoint.EventStored)
	}
	return id, err
}

func insertSection(ctx context.Context, tx pgx.Tx, event domain.EventID, position int, s ticketing.CatalogueSection) error {
	layout, err := json.Marshal(s.Layout.Subsections)
	if err != nil {
		return err
	}
	numbers := make([]int, len(s.Layout.Subsections))
	for i, sub := range s.Layout.Subsections {
		numbers[i] = sub.Number
	}
	_, err = tx.Exec(ctx, "INSERT INTO sections (event_id, position, name, price, subsections, layout) VALUES ($1, $2, $3, $4, $5, $6)",
		int64(event), position, s.Layout.Name, s.Price, numbers, layout)
	return err
}

// newTickets returns a row for each seat, in layout order.
func newTickets(event domain.EventID, sections []ticketing.CatalogueSection) pgx.CopyFromSource {
	var section, sub, row, seat int
	return pgx.CopyFromFunc(func() ([]any, error) {
		for ; section < len(sections); section, sub = section+1, 0 {
			subsections := sections[section].Layout.Subsections
			for ; sub < len(subsections); sub, row = sub+1, 0 {
				rows := subsections[sub].Rows
				for ; row < len(rows); row, seat = row+1, 0 {
					if seat < len(rows[row].Seats) {
						seat++
						return []any{int64(event), int16(section), int16(subsections[sub].Number), int16(rows[row].Number),
							int16(rows[row].Seats[seat-1]), int16(ticketing.Available), int16(0), int64(0)}, nil
					}
				}
			}
		}
		return nil, nil
	})
}
