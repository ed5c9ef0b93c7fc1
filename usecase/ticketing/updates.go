package ticketing

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/offsets"
)

// Updates takes what is said about tickets: a port.Inbox.
type Updates struct {
	*offsets.Tracker
	tickets   port.TicketInputs
	catalogue port.Catalogue
	letters   port.DeadLetters
}

var _ port.Inbox = (*Updates)(nil)

// NewUpdates binds the ports.
func NewUpdates(t port.TicketInputs, c port.Catalogue, l port.DeadLetters) *Updates {
	return &Updates{offsets.NewTracker(t.Positions), t, c, l}
}

// Deliver applies a batch: tickets, outgoing messages and offsets in one step.
func (u *Updates) Deliver(ctx context.Context, id domain.EventID, batch []port.Delivery) error {
	event, known := u.catalogue.Known(id) // positions of sections never change
	if !known {
		return fmt.Errorf("event %d is not in the catalogue as this server has it", id)
	}
	return u.Steps(ctx, batch, func(ctx context.Context, batch []port.Delivery) ([]port.Delivery, error) {
		return offsets.BuryPoison(ctx, u.letters, batch)
	}, func(ctx context.Context, moves []port.Progress, messages []port.Delivery) error {
		err := u.tickets.Apply(ctx, id, moves, seatsOf(messages), func(tickets []ticketing.Ticket) port.TicketChanges {
			return decide(event, tickets, messages)
		})
		if err != nil {
			return fmt.Errorf("apply ticket updates of event %d: %w", id, err)
		}
		return nil
	})
}

// said is the update of tickets that a message asks for.
type said struct {
	seats   []domain.SeatID
	section string
	update  ticketing.Update
	at      time.Time
}

func saidBy(e message.Envelope) said {
	switch m := e.Body.(type) {
	case message.SeatUpdatedToReserved:
		return said{m.Seats, m.Section, ticketing.Update{To: ticketing.Reserved, BookingID: m.BookingID, HolderID: m.BuyerID, Hold: m.Hold, Price: m.UnitPrice.Amount}, m.ReservedAt}
	case message.BookingPaidSuccess:
		return said{m.Seats, m.Section, ticketing.Update{To: ticketing.Sold, BookingID: m.BookingID, HolderID: m.BuyerID, Hold: m.Hold, Price: m.UnitPrice.Amount}, m.PaidAt}
	case message.BookingExpiredReleaseTickets:
		return said{m.Seats, m.Section, ticketing.Update{To: ticketing.Available, BookingID: m.BookingID, Hold: m.Hold}, e.Time}
	}
	return said{}
}

// seatsOf returns the seats that a batch names, each once.
func seatsOf(batch []port.Delivery) []domain.SeatID {
	var seats []domain.SeatID
	seen := map[domain.SeatID]bool{}
	for _, d := range batch {
		for _, seat := range saidBy(d.Envelope).seats {
			if !seen[seat] {
				seen[seat] = true
				seats = append(seats, seat)
			}
		}
	}
	return seats
}

// decide applies the messages one after the other. Tickets that become SOLD lead to
// FinalizeSeats, and tickets that become AVAILABLE to ReleaseSeat, each with
// exactly the seats that changed.
func decide(event ticketing.CatalogueEvent, tickets []ticketing.Ticket, batch []port.Delivery) port.TicketChanges {
	w := work{current: make(map[domain.SeatID]ticketing.Ticket, len(tickets)), changed: map[domain.SeatID]bool{}, deltas: map[deltaKey]*ticketing.Delta{}}
	for _, t := range tickets {
		w.current[t.Seat] = t
	}
	var changes port.TicketChanges
	for _, d := range batch {
		s := saidBy(d.Envelope)
		seats := w.take(s)
		action, follows := following[s.update.To]
		if len(seats) == 0 || !follows {
			continue
		}
		_, position, _ := event.Section(s.section)
		changes.Outgoing = append(changes.Outgoing, port.OutgoingSeats{Action: action, Section: domain.SectionPartition(position), At: s.at,
			Change: message.SeatChange{EventID: event.ID, BookingID: s.update.BookingID, Section: s.section, Seats: seats, Hold: s.update.Hold}})
	}
	for seat := range w.changed {
		changes.Tickets = append(changes.Tickets, w.current[seat])
	}
	for _, d := range w.deltas {
		if d.Counts != (ticketing.Counts{}) || d.Bookings != 0 {
			changes.Deltas = append(changes.Deltas, *d)
		}
	}
	return changes
}

// following is the message to the seat owner about the new status of a ticket.
var following = map[ticketing.Status]message.Action{
	ticketing.Sold:      message.FinalizeTicket,
	ticketing.Available: message.ReleaseTicket,
}

// deltaKey groups the changes of a batch by section and minute, because a minute is
// the smallest width of sales over time.
type deltaKey struct {
	section string
	minute  int64
}

// work is the state of tickets while a batch is applied.
type work struct {
	current map[domain.SeatID]ticketing.Ticket
	changed map[domain.SeatID]bool
	deltas  map[deltaKey]*ticketing.Delta
}

// take applies one message and returns the seats that it changed.
func (w *work) take(s said) []domain.SeatID {
	var seats []domain.SeatID
	first := false // whether the tickets take the hold for the first time
	for _, seat := range s.seats {
		before, ours := w.current[seat]
		if !ours {
			continue
		}
		after, changed := before.Take(s.update)
		if !changed {
			continue
		}
		w.current[seat], w.changed[seat] = after, true
		seats = append(seats, seat)
		w.count(s, before, after)
		first = first || before.Hold < after.Hold
	}
	if first {
		w.delta(s).Bookings++
	}
	return seats
}

func (w *work) count(s said, before, after ticketing.Ticket) {
	d := w.delta(s)
	d.Counts.Of(before.Status, -1)
	d.Counts.Of(after.Status, 1)
	if after.Status == ticketing.Sold {
		d.Revenue += after.Price
	}
}

func (w *work) delta(s said) *ticketing.Delta {
	key := deltaKey{s.section, s.at.Unix() / 60}
	d := w.deltas[key]
	if d == nil {
		d = &ticketing.Delta{Section: s.section, At: s.at.UTC().Truncate(time.Minute)}
		w.deltas[key] = d
	}
	return d
}
