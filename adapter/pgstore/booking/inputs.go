package booking

import (
	"bytes"
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

// Apply stores what decide makes of the bookings, the outgoing messages and the
// offsets as one step.
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
		decided := decide(now, found)
		outgoing = len(decided.Outgoing) > 0
		changes := make([]booking.Change, len(decided.Bookings))
		for i, b := range decided.Bookings {
			changes[i].Booking = b
		}
		if err := write(ctx, tx, changes...); err != nil {
			return err
		}
		if outgoing {
			releases := &pgx.Batch{}
			for _, m := range decided.Outgoing {
				queueMessage(releases, m)
			}
			if err := tx.SendBatch(ctx, releases).Close(); err != nil {
				return err
			}
		}
		if len(changes) > 0 {
			crashpoint.At(crashpoint.AnswersApplied)
		}
		return nil
	})
	if err == nil && outgoing {
		s.waiting.Ring()
	}
	return err
}

// clock reads PostgreSQL's clock. now() would be the start of the transaction,
// before it waited for locks.
const clock = "SELECT clock_timestamp()"

// lockBookings locks and reads bookings in the order of their ids, so that two
// steps never wait for each other in a circle. The clock is read after the locks
// were taken: the wait takes nothing from a buyer's payment window.
func lockBookings(ctx context.Context, tx pgx.Tx, ids []domain.BookingID) (now time.Time, found map[domain.BookingID]booking.Booking, err error) {
	keys := make([][16]byte, len(ids))
	for i, id := range ids {
		keys[i] = id
	}
	found = make(map[domain.BookingID]booking.Booking, len(ids))
	batch := &pgx.Batch{} // one round trip; the clock is read after the first statement has ended
	batch.Queue("SELECT "+columns+" FROM bookings WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", keys).Query(func(rows pgx.Rows) error {
		bookings, err := pgx.CollectRows(rows, scan)
		for _, b := range bookings {
			found[b.ID] = b
		}
		return err
	})
	batch.Queue(clock).QueryRow(func(row pgx.Row) error { return row.Scan(&now) })
	err = tx.SendBatch(ctx, batch).Close()
	return now, found, err
}

// lockBooking is lockBookings for one id. It returns booking.ErrUnknown if there
// is no such booking.
func lockBooking(ctx context.Context, tx pgx.Tx, id domain.BookingID) (time.Time, booking.Booking, error) {
	now, found, err := lockBookings(ctx, tx, []domain.BookingID{id})
	if err != nil {
		return now, booking.Booking{}, err
	}
	b, ok := found[id]
	if !ok {
		return now, b, booking.ErrUnknown
	}
	return now, b, nil
}

// write stores changed bookings with the messages that follow, in the order of
// their ids.
func write(ctx context.Context, tx pgx.Tx, changes ...booking.Change) error {
	if len(changes) == 0 {
		return nil
	}
	slices.SortFunc(changes, func(a, b booking.Change) int { return bytes.Compare(a.Booking.ID[:], b.Booking.ID[:]) })
	batch := &pgx.Batch{}
	queue(batch, changes...)
	return tx.SendBatch(ctx, batch).Close()
}

func queue(batch *pgx.Batch, changes ...booking.Change) {
	for _, c := range changes {
		b := c.Booking
		batch.Queue(`UPDATE bookings SET status = $2, seats = $3, hold = $4, failure = $5, cancellation = $6, expires_at = $7, paid_at = $8, revision = $9,
			window_opened_at = $10, window_us = $11 WHERE id = $1`, [16]byte(b.ID), string(b.Status), pgstore.Texts(b.Seats), int64(b.Hold), b.Failure, string(b.Cancellation),
			orNull(b.ExpiresAt), orNull(b.PaidAt), b.Revision, orNull(b.Window.Opened), windowOrNull(b.Window))
		if c.Message != nil {
			queueMessage(batch, c.Message)
		}
	}
}

func windowOrNull(w booking.Window) *int64 {
	if w.Opened.IsZero() {
		return nil
	}
	us := w.Length.Microseconds()
	return &us
}

// queueMessage puts a message into the outbox. What BookingPaidSuccess says
// beyond these columns is read from the booking when the message is sent: the
// booking is final by then.
func queueMessage(batch *pgx.Batch, m message.Message) {
	var (
		seats  []domain.SeatID
		hold   domain.Hold
		reason string
	)
	switch m := m.(type) {
	case message.BookingExpiredReleaseTickets:
		seats, hold, reason = m.Seats, m.Hold, m.Reason
	case message.BookingPaidSuccess:
		seats, hold = m.Seats, m.Hold
	}
	batch.Queue("INSERT INTO outbox (message, booking_id, event_id, section, seats, hold, reason) VALUES ($1, $2, $3, $4, $5, $6, $7)",
		m.Action().Flow().Message, [16]byte(message.BookingOf(m)), int64(m.Event()), m.SectionName(), pgstore.Texts(seats), int64(hold), reason)
}
