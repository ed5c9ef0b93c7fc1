package audit

import (
	"context"
	"fmt"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// event checks all that was recorded about one.
func (a *auditor) event(ctx context.Context, id domain.EventID, bookings []booking.Booking) error {
	event, err := a.Catalogue.Event(ctx, id)
	if err != nil {
		return err
	}
	h, err := a.journal(ctx, id)
	if err != nil {
		return err
	}
	a.step()
	if h.reading, err = a.applied(ctx, id, h); err != nil {
		return err
	}
	if err := a.messages(ctx, id, h, bookings); err != nil {
		return err
	}
	tickets, counts, err := a.Tickets.AllTickets(ctx, id)
	if err != nil {
		return err
	}
	a.report.Seats += len(tickets)
	a.step()
	a.tickets(event, tickets, counts)
	a.compare(event, h, tickets)
	for n, store := range a.Seats {
		if err := a.stored(ctx, event, h, n+1, store); err != nil {
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
				a.report.violate("I15", "event %d seat %s: the ticket is %s, the live map of server %d says %q", id, t.Seat, t.Status, n+1, status)
			}
		}
	}
	return nil
}

// tickets counts the tickets anew (I10).
func (a *auditor) tickets(event ticketing.CatalogueEvent, tickets []ticketing.Ticket, told []ticketing.Counts) {
	counted := map[string]*ticketing.Counts{}
	for _, s := range event.Sections {
		counted[s.Layout.Name] = &ticketing.Counts{}
	}
	for _, t := range tickets {
		if c := counted[t.Seat.Section]; c != nil {
			c.Of(t.Status, 1)
		}
	}
	for i, s := range event.Sections {
		c, seats := *counted[s.Layout.Name], s.Layout.SeatCount()
		if c.Available+c.Reserved+c.Sold != seats {
			a.report.violate("I10", "event %d section %s has %d seats and tickets %+v", event.ID, s.Layout.Name, seats, c)
		}
		if i >= len(told) || told[i] != c {
			a.report.violate("I10", "event %d section %s: tickets are %+v, the counts say %+v", event.ID, s.Layout.Name, c, told)
		}
	}
}

// held is a seat as a store has it.
type held struct {
	status  string
	booking domain.BookingID
	hold    domain.Hold
}

func heldBy(s seating.Seat) held {
	if s.Status == seating.Available {
		return held{status: "available"}
	}
	return held{s.Status.String(), s.Booking, s.Hold}
}

// compare holds journal and tickets against each other (I2).
func (a *auditor) compare(event ticketing.CatalogueEvent, h *history, tickets []ticketing.Ticket) {
	for i, s := range event.Sections {
		if p := domain.Partition(i % domain.Partitions); h.plans[s.Layout.Name] == nil && !a.spare("I2", h.reading[message.SeatInitialization].waiting(p)) {
			a.report.violate("I2", "event %d section %s is not in the journal, partition %d", event.ID, s.Layout.Name, p)
		}
	}
	for _, t := range tickets {
		ticket := held{status: "available"}
		if t.Status != ticketing.Available {
			ticket = held{t.Status.String(), t.BookingID, t.Hold}
		}
		folded, ok := h.states.seat(t.Seat)
		if !ok || folded == ticket { // a section that is not there is reported
			continue
		}
		if !a.spare("I2", a.moving[folded.booking] || a.moving[ticket.booking]) {
			a.report.violate("I2", "event %d seat %s: journal %+v, ticket %+v", event.ID, t.Seat, folded, ticket)
		}
	}
}

// bookings compares each booking with what was decided and what its seats are
// (I4, I5, I9, I11).
func (a *auditor) bookings(h *history, tickets []ticketing.Ticket, bookings []booking.Booking) {
	has := map[domain.BookingID][]ticketing.Ticket{}
	for _, t := range tickets {
		if t.Status != ticketing.Available {
			has[t.BookingID] = append(has[t.BookingID], t)
		}
	}
	known := map[domain.BookingID]bool{}
	for _, b := range bookings {
		known[b.ID] = true
		a.booking(h, b, has[b.ID])
	}
	for id := range has {
		if !known[id] {
			a.report.violate("I5", "%d tickets are of booking %s, which is not there", len(has[id]), id)
		}
	}
}

func (a *auditor) booking(h *history, b booking.Booking, tickets []ticketing.Ticket) {
	d, decided := h.decisions[b.ID]
	if !decided {
		if b.Status != booking.Processing && !(b.Status == booking.Cancelled && len(b.Seats) == 0) {
			a.report.violate("I11", "booking %s is %s and was never decided", b.ID, b.Status)
		}
		return
	}
	if len(b.Seats) > 0 && (!slices.Equal(b.Seats, d.seats) || b.Hold != d.hold) {
		a.report.violate("I11", "booking %s has seats %v under hold %d, the journal says %v under %d (%d:%d)", b.ID, b.Seats, b.Hold, d.seats, d.hold, d.partition, d.offset)
	}
	invariant := "I4"
	if b.Status == booking.Failed || b.Status == booking.Cancelled {
		invariant = "I5"
	}
	if b.Status == booking.Processing || a.spare(invariant, a.moving[b.ID]) {
		return // the former is reported as unresolved
	}
	want, status := len(d.seats), ticketing.Reserved
	switch b.Status {
	case booking.Paid:
		status = ticketing.Sold
		if h.ended[b.ID] != "sold" {
			a.report.violate("I4", "booking %s is paid and its seats are not finalised in the journal", b.ID)
		}
	case booking.Failed, booking.Cancelled:
		want = 0
		if h.ended[b.ID] != "released" && len(d.seats) > 0 {
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
