package audit

import (
	"context"
	"fmt"
	"reflect"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// event checks everything that was recorded about one event.
func (a *auditor) event(ctx context.Context, id domain.EventID, bookings []*booking.Booking) error {
	event, err := a.Catalogue.Event(ctx, id)
	if err != nil {
		return err
	}
	if event.Archived {
		return a.archived(ctx, event, bookings)
	}
	q, err := a.requests(ctx, event)
	if err != nil {
		return err
	}
	a.step()
	h, err := a.journal(ctx, event, q)
	if err != nil {
		return err
	}
	if !event.HasTopics() {
		if h.plans, err = plansOf(event); err != nil {
			return err
		}
	}
	a.step()
	if h.reading, err = a.applied(ctx, h); err != nil {
		return err
	}
	if err := a.messages(ctx, h); err != nil {
		return err
	}
	tickets, counts, err := a.Tickets.AllTickets(ctx, id)
	if err != nil {
		return err
	}
	sections, minutes, err := a.Tickets.Revenue(ctx, id)
	if err != nil {
		return err
	}
	a.report.Seats += len(tickets)
	a.step()
	a.counts(event, tickets, counts)
	a.revenue(event, tickets, sections)
	a.overTime(event, tickets, minutes)
	a.compare(h, tickets)
	for n, store := range a.Seats {
		if err := a.stored(ctx, h, n+1, store); err != nil {
			return fmt.Errorf("RocksDB of server %d: %w", n+1, err)
		}
	}
	a.step()
	a.bookings(h, tickets, bookings)
	for n, read := range a.Maps {
		live, err := read(ctx, id)
		if err != nil {
			return fmt.Errorf("the live map of server %d: %w", n+1, err)
		}
		for _, t := range tickets {
			if status, ok := live[t.Seat]; t.Status.String() != status && (ok || t.Status != ticketing.Available) {
				a.report.violate("I15", "event %d seat %s: the ticket is %s after hold %d, the live map of server %d says %q", id, t.Seat, t.Status, t.Hold, n+1, status)
			}
		}
	}
	return nil
}

// held is what journal and tickets both say about a seat.
type held struct {
	status  string
	booking domain.BookingID
	hold    domain.Hold
}

func (h held) String() string {
	if h.booking.IsZero() {
		return h.status
	}
	return fmt.Sprintf("%s for %s under hold %d", h.status, h.booking, h.hold)
}

func heldBy(s seating.Seat) held {
	if s.Status == seating.Available {
		return held{status: s.Status.String()}
	}
	return held{s.Status.String(), s.Booking, s.Hold}
}

func heldAs(t ticketing.Ticket) held {
	if t.Status == ticketing.Available {
		return held{status: t.Status.String()}
	}
	return held{t.Status.String(), t.BookingID, t.Hold}
}

// compare holds journal, catalogue and tickets against each other (I2).
func (a *auditor) compare(h *history, tickets []ticketing.Ticket) {
	id := h.event.ID
	for _, s := range h.event.Sections {
		p, _ := home(h.event, s.Layout.Name)
		plan := h.plans[s.Layout.Name]
		switch {
		case plan == nil && !a.spare("I2", h.reading[message.SeatInitialization].waiting(p)):
			a.report.violate("I2", "event %d section %s is not in the journal, partition %d", id, s.Layout.Name, p)
		case plan != nil && !reflect.DeepEqual(plan.Layout(), s.Layout):
			a.report.violate("I2", "event %d section %s: the journal has another layout than the catalogue", id, s.Layout.Name)
		}
	}
	for _, t := range tickets {
		plan := h.plans[t.Seat.Section]
		if plan == nil {
			continue // reported, section by section
		}
		i, ok := plan.Index(t.Seat)
		if !ok {
			a.report.violate("I2", "event %d seat %s has a ticket and is not in the journal", id, t.Seat)
			continue
		}
		folded, ticket := heldBy(h.seat(t.Seat.Section, i)), heldAs(t)
		if folded != ticket && !a.spare("I2", a.moving[folded.booking] || a.moving[ticket.booking]) {
			a.report.violate("I2", "event %d seat %s: the journal says %s, the ticket says %s", id, t.Seat, folded, ticket)
		}
	}
}

// seat is the state of a seat of an initialised section.
func (h *history) seat(section string, i seating.Index) seating.Seat {
	for _, state := range h.fold.states {
		if s, ok := state.Section(section); ok {
			return s.Map.Seat(i)
		}
	}
	return seating.Seat{}
}

// bookings compares each booking with what was decided and with its tickets (I4,
// I5, I9, I11).
func (a *auditor) bookings(h *history, tickets []ticketing.Ticket, bookings []*booking.Booking) {
	has := map[domain.BookingID][]ticketing.Ticket{}
	for _, t := range tickets {
		if t.Status != ticketing.Available {
			has[t.BookingID] = append(has[t.BookingID], t)
		}
	}
	for _, b := range bookings {
		a.booking(h, b, has[b.ID])
	}
	for id, of := range has {
		if a.known[id] == nil {
			a.report.violate("I5", "%d tickets are of booking %s, which has no row", len(of), id)
		}
	}
	for id, d := range h.decisions {
		_, asked := h.requests.of[id] // then it is reported with its request
		if a.known[id] == nil && !asked && d.kind != journal.CommandRejected {
			a.report.violate("I9", "booking %s was decided at %d:%d and has no row", id, d.partition, d.offset)
		}
	}
}

func (a *auditor) booking(h *history, b *booking.Booking, tickets []ticketing.Ticket) {
	d, decided := h.decisions[b.ID]
	if !decided {
		if b.Status != booking.Processing && (b.Status != booking.Cancelled || len(b.Seats) > 0) {
			a.report.violate("I11", "booking %s is %s and was never decided", b.ID, b.Status)
		}
		return
	}
	a.terms(h, b, d)
	invariant := "I4"
	if b.Status == booking.Failed || b.Status == booking.Cancelled {
		invariant = "I5"
	}
	if b.Status == booking.Processing || a.spare(invariant, a.moving[b.ID]) {
		return // what is PROCESSING is reported as not resolved
	}
	want, status := len(d.seats), ticketing.Reserved
	switch b.Status {
	case booking.Paid:
		status = ticketing.Sold
		if h.ended[b.ID] != journal.SeatsSold {
			a.report.violate("I4", "booking %s is paid and its seats are not finalised in the journal", b.ID)
		}
	case booking.Failed, booking.Cancelled:
		want = 0
		if h.ended[b.ID] != journal.SeatsReleased && len(d.seats) > 0 {
			a.report.violate("I5", "booking %s is %s and its seats are not released in the journal", b.ID, b.Status)
		}
	}
	if len(tickets) != want {
		a.report.violate(invariant, "booking %s is %s and has %d tickets, not %d", b.ID, b.Status, len(tickets), want)
		return
	}
	for _, t := range tickets {
		if t.Status != status || t.HolderID != b.BuyerID || t.Price != b.UnitPrice.Amount {
			a.report.violate(invariant, "booking %s is %s and ticket %s is %s, of user %d, for %d", b.ID, b.Status, t.Seat, t.Status, t.HolderID, t.Price)
		}
	}
}

// archived checks what an installation still has of an archived event: its tickets and
// its bookings, and nothing in RocksDB. `onsale verify --archive` checks the rest.
func (a *auditor) archived(ctx context.Context, event ticketing.CatalogueEvent, bookings []*booking.Booking) error {
	tickets, counts, err := a.Tickets.AllTickets(ctx, event.ID)
	if err != nil {
		return err
	}
	sections, minutes, err := a.Tickets.Revenue(ctx, event.ID)
	if err != nil {
		return err
	}
	a.report.Seats += len(tickets)
	a.counts(event, tickets, counts)
	a.revenue(event, tickets, sections)
	a.overTime(event, tickets, minutes)
	has := map[domain.BookingID]int{}
	for _, t := range tickets {
		if t.Status == ticketing.Reserved {
			a.report.violate("I2", "event %d is archived and seat %s is reserved", event.ID, t.Seat)
		}
		if t.Status == ticketing.Sold {
			has[t.BookingID]++
		}
	}
	for _, b := range bookings {
		switch n := has[b.ID]; {
		case b.Status == booking.Processing || b.Status == booking.PendingPayment:
			a.report.violate("I9", "event %d is archived and booking %s is %s", event.ID, b.ID, b.Status)
		case b.Status == booking.Paid && n != len(b.Seats):
			a.report.violate("I4", "booking %s is paid and has %d tickets, not %d", b.ID, n, len(b.Seats))
		case b.Status != booking.Paid && n > 0:
			a.report.violate("I5", "booking %s is %s and has %d tickets", b.ID, b.Status, n)
		}
	}
	for n, store := range a.Seats {
		for p := range domain.Partition(domain.Partitions) {
			if _, found, err := store.Load(event.ID, p); err != nil {
				return fmt.Errorf("RocksDB of server %d: %w", n+1, err)
			} else if found && a.running() {
				a.report.violate("I2", "event %d is archived, and RocksDB of server %d has partition %d of it", event.ID, n+1, p)
			}
		}
	}
	for range stepsPerEvent {
		a.step()
	}
	return nil
}
