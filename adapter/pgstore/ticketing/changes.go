package ticketing

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.EventChanges = (*Store)(nil)

// Unpublished returns the events whose last revision was not published.
func (s *Store) Unpublished(ctx context.Context) ([]domain.EventID, error) {
	var ids []domain.EventID
	err := s.Reads.NewSelect().Table("events").Column("id").Where("published < revision").Order("id").Scan(ctx, &ids)
	return ids, err
}

// Change stores the event that change returns.
func (s *Store) Change(ctx context.Context, id domain.EventID, change func(ticketing.Event) (ticketing.Event, error)) error {
	err := pgx.BeginFunc(ctx, s.Batches, func(tx pgx.Tx) error {
		before, err := row(ctx, tx, id, locked)
		if err != nil {
			return err
		}
		if before.Status == ticketing.Creating {
			return ticketing.UnknownEvent
		}
		after, err := change(before)
		if err != nil || reflect.DeepEqual(before, after) {
			return err
		}
		_, err = tx.Exec(ctx, `UPDATE events SET name = $2, description = $3, venue_name = $4, starts_at = $5, time_zone = $6, status = $7,
			journal_topic_id = $8, no_room = $9, revision = revision + 1 WHERE id = $1`,
			int64(id), after.Name, after.Description, after.VenueName, after.StartsAt, after.TimeZone, string(after.Status), after.JournalTopicID, after.NoRoom)
		for position, section := range after.Sections {
			if err == nil && section.Price != before.Sections[position].Price {
				_, err = tx.Exec(ctx, "UPDATE sections SET price = $3 WHERE event_id = $1 AND position = $2", int64(id), position, section.Price)
			}
		}
		return err
	})
	if err == nil {
		crashpoint.At(crashpoint.EventChanged)
	}
	return err
}

// Stored returns an event as it is stored.
func (s *Store) Stored(ctx context.Context, id domain.EventID) (ticketing.Event, error) {
	return row(ctx, s.Batches, id, "")
}

// PublishLocked locks the event's row while publish publishes it.
func (s *Store) PublishLocked(ctx context.Context, id domain.EventID, publish func(context.Context, *ticketing.Event) error) error {
	return pgx.BeginFunc(ctx, s.Batches, func(tx pgx.Tx) error {
		e, err := row(ctx, tx, id, locked)
		if err != nil {
			return err
		}
		if err := publish(ctx, &e); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE events SET status = $2, published = revision WHERE id = $1", int64(id), string(e.Status))
		return err
	})
}

const locked = "FOR UPDATE"

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func row(ctx context.Context, db querier, id domain.EventID, lock string) (ticketing.Event, error) {
	e := ticketing.Event{CatalogueEvent: ticketing.CatalogueEvent{ID: id}}
	err := db.QueryRow(ctx, `SELECT seller_id, seller_name, name, description, venue_name, starts_at, time_zone, currency, max_tickets,
		status, created_at, revision, journal_topic_id, no_room FROM events WHERE id = $1 `+lock, int64(id)).
		Scan(&e.SellerID, &e.SellerName, &e.Name, &e.Description, &e.VenueName, &e.StartsAt, &e.TimeZone, &e.Currency, &e.MaxTickets,
			&e.Status, &e.CreatedAt, &e.Revision, &e.JournalTopicID, &e.NoRoom)
	if errors.Is(err, pgx.ErrNoRows) {
		return e, ticketing.UnknownEvent
	}
	if err != nil {
		return e, err
	}
	e.StartsAt, e.CreatedAt = e.StartsAt.UTC(), e.CreatedAt.UTC()
	e.Archived = e.Status == ticketing.Archived
	e.Closed = e.Status.Over()
	e.Sections, err = layouts(ctx, db, id)
	return e, err
}

func layouts(ctx context.Context, db querier, id domain.EventID) ([]ticketing.CatalogueSection, error) {
	rows, err := db.Query(ctx, "SELECT name, price, layout FROM sections WHERE event_id = $1 ORDER BY position", int64(id))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (ticketing.CatalogueSection, error) {
		var (
			s      ticketing.CatalogueSection
			layout []byte
		)
		if err := row.Scan(&s.Layout.Name, &s.Price, &layout); err != nil {
			return s, err
		}
		var subsections []seating.Subsection
		err := json.Unmarshal(layout, &subsections)
		s.Layout.Subsections = subsections
		return s, err
	})
}
