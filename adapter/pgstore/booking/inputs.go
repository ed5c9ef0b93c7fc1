package booking

import (
	"context"
	"strings"
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
	var (
		locked   lockedBookings
		outgoing bool
	)
	err := s.ShortStep(ctx, func(batch *pgx.Batch) {
		pgstore.Advance(batch, progress)
		locked.queue(batch, ids)
	}, func(batch *pgx.Batch) error {
		decided := decide(locked.now, locked.found)
		outgoing = len(decided.Outgoing) > 0
		releases := make([]message.Message, len(decided.Outgoing))
		for i, m := range decided.Outgoing {
			releases[i] = m
		}
		queueBookings(batch, decided.Bookings)
		queueMessages(batch, releases)
		if len(decided.Bookings) > 0 {
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

// lockedBookings are the bookings that a transaction has locked, and the time then.
type lockedBookings struct {
	now   time.Time
	found map[domain.BookingID]booking.Booking
}

// queue locks and reads bookings in the order of their ids, so that two steps never
// wait for each other in a circle. The clock is read after the locks were taken: the
// wait takes nothing from a buyer's payment window.
func (l *lockedBookings) queue(batch *pgx.Batch, ids []domain.BookingID) {
	keys := make([][16]byte, len(ids))
	for i, id := range ids {
		keys[i] = id
	}
	l.found = make(map[domain.BookingID]booking.Booking, len(ids))
	batch.Queue("SELECT "+columns+" FROM bookings WHERE id = ANY($1::uuid[]) ORDER BY id FOR UPDATE", keys).Query(func(rows pgx.Rows) error {
		bookings, err := pgx.CollectRows(rows, scan)
		for _, b := range bookings {
			l.found[b.ID] = b
		}
		return err
	})
	batch.Queue(clock).QueryRow(func(row pgx.Row) error { return row.Scan(&l.now) })
}

// lockBookings locks and reads bookings in one round trip.
func lockBookings(ctx context.Context, tx pgx.Tx, ids []domain.BookingID) (now time.Time, found map[domain.BookingID]booking.Booking, err error) {
	var locked lockedBookings
	batch := &pgx.Batch{}
	locked.queue(batch, ids)
	err = tx.SendBatch(ctx, batch).Close()
	return locked.now, locked.found, err
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

// write stores changed bookings, which the caller has locked, and outgoing messages.
func write(ctx context.Context, tx pgx.Tx, bookings []booking.Booking, messages []message.Message) error {
	batch := &pgx.Batch{}
	queueBookings(batch, bookings)
	queueMessages(batch, messages)
	if batch.Len() == 0 {
		return nil
	}
	return tx.SendBatch(ctx, batch).Close()
}

// partsOf separates changed bookings from the messages that follow.
func partsOf(changes ...booking.Change) (bookings []booking.Booking, messages []message.Message) {
	for _, c := range changes {
		bookings = append(bookings, c.Booking)
		if c.Message != nil {
			messages = append(messages, c.Message)
		}
	}
	return bookings, messages
}

// queueBookings updates all bookings by one statement.
func queueBookings(batch *pgx.Batch, bookings []booking.Booking) {
	if len(bookings) == 0 {
		return
	}
	var (
		ids                                      [][16]byte
		statuses, seats, failures, cancellations []string
		holds, revisions                         []int64
		expires, paid, opened                    []*time.Time
		windows                                  []*int64
	)
	for _, b := range bookings {
		ids, statuses, seats = append(ids, b.ID), append(statuses, string(b.Status)), append(seats, joined(b.Seats))
		failures, cancellations = append(failures, b.Failure), append(cancellations, string(b.Cancellation))
		holds, revisions = append(holds, int64(b.Hold)), append(revisions, b.Revision)
		expires, paid = append(expires, orNull(b.ExpiresAt)), append(paid, orNull(b.PaidAt))
		opened, windows = append(opened, orNull(b.Window.Opened)), append(windows, windowOrNull(b.Window))
	}
	batch.Queue(`UPDATE bookings b SET status = k.status, seats = string_to_array(k.seats, ','), hold = k.hold, failure = k.failure, cancellation = k.cancellation,
			expires_at = k.expires_at, paid_at = k.paid_at, revision = k.revision, window_opened_at = k.window_opened_at, window_us = k.window_us
		FROM unnest($1::uuid[], $2::text[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::timestamptz[], $8::timestamptz[], $9::bigint[], $10::timestamptz[], $11::bigint[])
			AS k (id, status, seats, hold, failure, cancellation, expires_at, paid_at, revision, window_opened_at, window_us)
		WHERE b.id = k.id`, ids, statuses, seats, holds, failures, cancellations, expires, paid, revisions, opened, windows)
}

// joined returns seats as one text, because unnest would take a list of lists
// apart. No seat has a comma.
func joined(seats []domain.SeatID) string { return strings.Join(pgstore.Texts(seats), ",") }

func windowOrNull(w booking.Window) *int64 {
	if w.Opened.IsZero() {
		return nil
	}
	us := w.Length.Microseconds()
	return &us
}

// queueMessages puts messages into the outbox by one statement, in their order. What
// BookingPaidSuccess says beyond these columns is read from the booking when the
// message is sent: the booking is final by then.
func queueMessages(batch *pgx.Batch, messages []message.Message) {
	if len(messages) == 0 {
		return
	}
	var (
		names, sections, seats, reasons []string
		ids                             [][16]byte
		events, holds                   []int64
	)
	for _, m := range messages {
		var (
			of     []domain.SeatID
			hold   domain.Hold
			reason string
		)
		switch m := m.(type) {
		case message.BookingExpiredReleaseTickets:
			of, hold, reason = m.Seats, m.Hold, m.Reason
		case message.BookingPaidSuccess:
			of, hold = m.Seats, m.Hold
		}
		names, ids, events = append(names, m.Action().Flow().Message), append(ids, message.BookingOf(m)), append(events, int64(m.Event()))
		sections, seats, holds, reasons = append(sections, m.SectionName()), append(seats, joined(of)), append(holds, int64(hold)), append(reasons, reason)
	}
	batch.Queue(`INSERT INTO outbox (message, booking_id, event_id, section, seats, hold, reason)
		SELECT message, booking_id, event_id, section, string_to_array(seats, ','), hold, reason
		FROM unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::bigint[], $7::text[]) WITH ORDINALITY
			AS k (message, booking_id, event_id, section, seats, hold, reason, n)
		ORDER BY n`, names, ids, events, sections, seats, holds, reasons)
}
