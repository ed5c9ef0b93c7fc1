package ticketing

import (
	"context"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Two batches that lock the same tickets must do it in one order, or they wait for
// each other. A batch that waits for a ticket has no lock on a later one.
func TestTicketsAreLockedInOrder(t *testing.T) {
	s := opening(t, teststores.Postgres(t))
	event := onSale(t, s) // sections A and B, with a seat each
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	holder, err := s.Batches.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = holder.Rollback(context.Background()) }()
	if _, err := holder.Exec(ctx, "SELECT 1 FROM tickets WHERE event_id = $1 AND section = 0 FOR UPDATE", int64(event)); err != nil {
		t.Fatal(err)
	}
	seat := func(section string) domain.SeatID {
		return domain.SeatID{Section: section, Subsection: 1, Row: 1, Seat: 1}
	}
	applied, locked := make(chan error, 1), 0
	go func() {
		applied <- s.Apply(ctx, event, nil, []domain.SeatID{seat("B"), seat("A")}, func(tickets []ticketing.Ticket) port.TicketChanges {
			locked = len(tickets)
			return port.TicketChanges{}
		})
	}()
	untilWaiting(t, ctx, s)

	_, err = s.Timers.Exec(ctx, "SELECT 1 FROM tickets WHERE event_id = $1 AND section = 1 FOR UPDATE NOWAIT", int64(event))

	if err != nil {
		t.Errorf("the later ticket is locked before the earlier one: %v", err)
	}
	if err := holder.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if err := <-applied; err != nil || locked != 2 {
		t.Errorf("%d tickets were locked (%v)", locked, err)
	}
}

// untilWaiting blocks until a batch waits for a ticket.
func untilWaiting(t *testing.T, ctx context.Context, s *Store) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for waiting := false; !waiting; <-tick.C {
		err := s.Timers.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%JOIN tickets t%'
			AND datname = current_database() AND pid <> pg_backend_pid())`).Scan(&waiting)
		if err != nil {
			t.Fatal(err)
		}
	}
}

// Before PostgreSQL has analysed the table, it thinks that an event has few seats.
// Tickets are looked up by key all the same.
func TestTicketsOfANewEventAreLookedUp(t *testing.T) {
	s := opening(t, teststores.Postgres(t))
	event := onSale(t, s)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := s.Batches.Exec(ctx, `INSERT INTO tickets (event_id, section, subsection, row_no, seat_no, status, phase, hold)
		SELECT $1, 0, 1, r, s, 0, 0, 0 FROM generate_series(2, 61) r, generate_series(1, 100) s`, int64(event))
	if err != nil {
		t.Fatal(err)
	}
	before, _ := fetched(t, ctx, s)
	seats := []domain.SeatID{{Section: "A", Subsection: 1, Row: 2, Seat: 1}, {Section: "A", Subsection: 1, Row: 60, Seat: 3}}
	err = s.Apply(ctx, event, nil, seats, func(tickets []ticketing.Ticket) port.TicketChanges {
		for i := range tickets {
			tickets[i].Status = ticketing.Reserved
		}
		return port.TicketChanges{Tickets: tickets}
	})
	if err != nil {
		t.Fatal(err)
	}
	for {
		after, updated := fetched(t, ctx, s)
		if updated < len(seats) {
			continue // a connection tells what it did once it has nothing to do
		}
		if read := after - before; read > 20 {
			t.Errorf("%d tickets were read, for %d of 6,002", read, len(seats))
		}
		return
	}
}

// fetched returns how many tickets were read by an index so far, and how many updated.
func fetched(t *testing.T, ctx context.Context, s *Store) (read, updated int) {
	t.Helper()
	_, _ = s.Batches.Exec(ctx, "SELECT pg_stat_force_next_flush()")
	if err := s.Timers.QueryRow(ctx, "SELECT coalesce(idx_tup_fetch, 0), n_tup_upd FROM pg_stat_user_tables WHERE relname = 'tickets'").Scan(&read, &updated); err != nil {
		t.Fatal(err)
	}
	return read, updated
}
