package ticketing

import (
	"context"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/adapter/pgstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.TicketInputs = (*Store)(nil)

// Apply stores tickets, deltas, messages and offsets in one transaction.
func (s *Store) Apply(ctx context.Context, event domain.EventID, progress []port.Progress, seats []domain.SeatID,
	decide func([]ticketing.Ticket) port.TicketChanges) error {
	names, err := s.sectionNames(ctx, event)
	if err != nil {
		return err
	}
	var (
		locked  []ticketing.Ticket
		changes port.TicketChanges
	)
	err = s.ShortStep(ctx, func(batch *pgx.Batch) {
		pgstore.Advance(batch, progress)
		lockTickets(batch, event, names, seats, &locked)
	}, func(batch *pgx.Batch) error {
		changes = decide(locked)
		store(batch, event, names, changes)
		if len(changes.Tickets) > 0 {
			crashpoint.At(crashpoint.TicketsApplied)
		}
		return nil
	})
	if err == nil && len(changes.Outgoing) > 0 {
		s.waiting.Ring()
	}
	return err
}

// places has seats as columns.
type places struct{ sections, subsections, rows, seats []int16 }

func (p *places) add(names []string, seat domain.SeatID) {
	p.sections = append(p.sections, int16(position(names, seat.Section)))
	p.subsections = append(p.subsections, int16(seat.Subsection))
	p.rows = append(p.rows, int16(seat.Row))
	p.seats = append(p.seats, int16(seat.Seat))
}

// lockTickets locks tickets in layout order, so that two steps cannot deadlock on
// them, and reads them into locked.
func lockTickets(batch *pgx.Batch, event domain.EventID, names []string, seats []domain.SeatID, locked *[]ticketing.Ticket) {
	*locked = nil
	if len(seats) == 0 {
		return
	}
	var at places
	for _, seat := range seats {
		at.add(names, seat)
	}
	batch.Queue(`SELECT t.section, t.subsection, t.row_no, t.seat_no, t.status, t.phase, t.hold, t.booking_id, t.holder_id, t.price
		FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::smallint[], $5::smallint[]) AS k (event_id, section, subsection, row_no, seat_no)
		JOIN tickets t ON t.event_id = k.event_id AND t.section = k.section AND t.subsection = k.subsection AND t.row_no = k.row_no AND t.seat_no = k.seat_no
		ORDER BY t.section, t.subsection, t.row_no, t.seat_no FOR UPDATE OF t`,
		same(event, len(seats)), at.sections, at.subsections, at.rows, at.seats).Query(func(rows pgx.Rows) (err error) {
		*locked, err = pgx.CollectRows(rows, scanTicket(names))
		return err
	})
}

func scanTicket(names []string) pgx.RowToFunc[ticketing.Ticket] {
	return func(row pgx.CollectableRow) (ticketing.Ticket, error) {
		var (
			t             ticketing.Ticket
			section       int
			booking       pgtype.UUID
			holder, price pgtype.Int8
		)
		err := row.Scan(&section, &t.Seat.Subsection, &t.Seat.Row, &t.Seat.Seat, &t.Status, &t.Phase, &t.Hold, &booking, &holder, &price)
		if err != nil {
			return t, err
		}
		t.Seat.Section, t.BookingID, t.HolderID, t.Price = names[section], booking.Bytes, domain.UserID(holder.Int64), price.Int64
		return t, nil
	}
}

func store(batch *pgx.Batch, event domain.EventID, names []string, c port.TicketChanges) {
	updateTickets(batch, event, names, c.Tickets)
	for _, d := range c.Deltas {
		batch.Queue("INSERT INTO ticket_deltas VALUES ($1, $2, $3, $4, $5, $6, $7, $8)", int64(event), position(names, d.Section),
			d.Counts.Available, d.Counts.Reserved, d.Counts.Sold, d.Revenue, d.At, d.Bookings)
	}
	for _, out := range c.Outgoing {
		batch.Queue("INSERT INTO outbox (message, event_id, booking_id, section, partition, seats, hold, at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			out.Action.Flow().Message, int64(event), [16]byte(out.Change.BookingID), out.Change.Section, int32(out.Section),
			pgstore.Texts(out.Change.Seats), int64(out.Change.Hold), out.At)
	}
}

func updateTickets(batch *pgx.Batch, event domain.EventID, names []string, tickets []ticketing.Ticket) {
	if len(tickets) == 0 {
		return
	}
	var (
		at              places
		statuses, phase []int16
		holds           []int64
		bookings        []pgtype.UUID
		holders, prices []pgtype.Int8
	)
	for _, t := range tickets {
		taken := t.Status != ticketing.Available
		at.add(names, t.Seat)
		statuses, phase, holds = append(statuses, int16(t.Status)), append(phase, int16(t.Phase)), append(holds, int64(t.Hold))
		bookings = append(bookings, pgtype.UUID{Bytes: t.BookingID, Valid: taken})
		holders = append(holders, pgtype.Int8{Int64: int64(t.HolderID), Valid: taken && t.HolderID != 0})
		prices = append(prices, pgtype.Int8{Int64: t.Price, Valid: taken})
	}
	batch.Queue(`UPDATE tickets t SET status = k.status, phase = k.phase, hold = k.hold, booking_id = k.booking_id, holder_id = k.holder_id, price = k.price
		FROM unnest($1::bigint[], $2::smallint[], $3::smallint[], $4::smallint[], $5::smallint[], $6::smallint[], $7::smallint[], $8::bigint[], $9::uuid[], $10::bigint[], $11::bigint[])
			AS k (event_id, section, subsection, row_no, seat_no, status, phase, hold, booking_id, holder_id, price)
		WHERE t.event_id = k.event_id AND t.section = k.section AND t.subsection = k.subsection AND t.row_no = k.row_no AND t.seat_no = k.seat_no`,
		same(event, len(tickets)), at.sections, at.subsections, at.rows, at.seats, statuses, phase, holds, bookings, holders, prices)
}

// same returns the event once for each seat. With one event for all, PostgreSQL would
// read all of its seats as long as it knows nothing about the table.
func same(event domain.EventID, n int) []int64 { return slices.Repeat([]int64{int64(event)}, n) }
