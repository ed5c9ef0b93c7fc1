package booking

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Apply makes one step of effects, messages and offsets.
func (s *Store) Apply(ctx context.Context, progress []port.Progress, ids []domain.BookingID,
	decide func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges) error {
	outgoing := false
	err := s.Step(ctx, func(tx pgx.Tx) error {
		if err := pgstore.Advance(ctx, tx, progress); err != nil {
			return err
		}
		now, found, err := lockBookings(ctx, tx, ids)
		if err != nil {
			return err
		}
		changes := decide(now, found)
		outgoing = len(changes.Outgoing) > 0
		if err := update(ctx, tx, changes.Bookings); err != nil {
			return err
		}
		if err := release(ctx, tx, changes.Outgoing); err != nil {
			return err
		}
		if len(changes.Bookings) > 0 {
			crashpoint.At(crashpoint.AnswersApplied)
		}
		return nil
	})
	if err == nil && outgoing {
		s.waiting.Ring()
	}
	return err
}

// lockBookings reads bookings in the order of their ids, so that two steps wait for
// each other and never in a circle.
func lockBookings(ctx context.Context, tx pgx.Tx, ids []domain.BookingID) (now time.Time, found map[domain.BookingID]booking.Booking, err error) {
	keys := make([][16]byte, len(ids))
	for i, id := range ids {
		keys[i] = id
	}
	rows, err := tx.Query(ctx, "SELECT "+columns+" FROM bookings WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", keys)
	if err != nil {
		return now, nil, err
	}
	bookings, err := pgx.CollectRows(rows, scan)
	if err != nil {
		return now, nil, err
	}
	found = make(map[domain.BookingID]booking.Booking, len(bookings))
	for _, b := range bookings {
		found[b.ID] = b
	}
	// The clock is read after the locks were had: waiting takes nothing from a
	// buyer's window.
	err = tx.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	return now, found, err
}

func update(ctx context.Context, tx pgx.Tx, changed []booking.Booking) error {
	if len(changed) == 0 {
		return nil
	}
	slices.SortFunc(changed, func(a, b booking.Booking) int { return slices.Compare(a.ID[:], b.ID[:]) })
	batch := &pgx.Batch{}
	for _, b := range changed {
		batch.Queue(`UPDATE bookings SET status = $2, seats = $3, hold = $4, failure = $5, cancellation = $6, expires_at = $7, paid_at = $8, revision = $9,
			window_opened_at = $10, window_us = $11 WHERE id = $1`, [16]byte(b.ID), string(b.Status), pgstore.Texts(b.Seats), int64(b.Hold), b.Failure, string(b.Cancellation),
			orNull(b.ExpiresAt), orNull(b.PaidAt), b.Revision, orNull(b.Window.Opened), windowOrNull(b.Window))
	}
	return tx.SendBatch(ctx, batch).Close()
}

func windowOrNull(w booking.Window) *int64 {
	if w.Opened.IsZero() {
		return nil
	}
	us := w.Length.Microseconds()
	return &us
}

func release(ctx context.Context, tx pgx.Tx, outgoing []message.BookingExpiredReleaseTickets) error {
	if len(outgoing) == 0 {
		return nil
	}
	batch := &pgx.Batch{}
	for _, m := range outgoing {
		batch.Queue(insertOutbox, m.Action().Flow().Message, [16]byte(m.BookingID), int64(m.EventID), m.Section, pgstore.Texts(m.Seats), int64(m.Hold), m.Reason)
	}
	return tx.SendBatch(ctx, batch).Close()
}
