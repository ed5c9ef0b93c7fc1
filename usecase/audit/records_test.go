package audit_test

import (
	"context"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

// records are all that an installation recorded. They are the ports of an audit.
type records struct {
	event     ticketing.CatalogueEvent
	catalogue *memory.Catalogue
	journal   [domain.Partitions][]journal.Entry
	topics    map[message.Action][]port.Delivery

	bookings []booking.Booking
	payments []booking.Payment
	charges  []port.Charge
	tickets  []ticketing.Ticket
	counts   []ticketing.Counts
	revenue  []int64
	minutes  []ticketing.Interval
	stored   [domain.Partitions]*port.SeatSnapshot
	outcomes []outcome

	bookingNext, ticketNext map[port.InputPlace]int64
	unsent                  []domain.BookingID
	letters, keys           int
	shown                   map[domain.SeatID]string // the live map, without what is available
	process                 port.Process

	now     time.Time
	stopped bool
	started time.Time // of the last run, if it is stopped
	failing string    // the method that returns an error
	// seatless: RocksDB is lost.
	seatless bool
	// before are the snapshots of RocksDB after each record of a partition.
	before [domain.Partitions][]port.SeatSnapshot
}

type outcome struct {
	partition domain.Partition
	port.Outcome
}

// The parts that a test changes.

func (r *records) booking(id domain.BookingID) *booking.Booking {
	return &r.bookings[slices.IndexFunc(r.bookings, func(b booking.Booking) bool { return b.ID == id })]
}

func (r *records) ticket(seat domain.SeatID) *ticketing.Ticket {
	return &r.tickets[slices.IndexFunc(r.tickets, func(t ticketing.Ticket) bool { return t.Seat == seat })]
}

func (r *records) attempt(of domain.BookingID) (*booking.Payment, *port.Charge) {
	i := slices.IndexFunc(r.payments, func(p booking.Payment) bool { return p.BookingID == of })
	return &r.payments[i], &r.charges[i]
}

func (r *records) outcome(of domain.BookingID) *outcome {
	return &r.outcomes[slices.IndexFunc(r.outcomes, func(o outcome) bool { return o.BookingID == of })]
}

// without takes rows out.
func without[T any](rows []T, is func(T) bool) []T { return slices.DeleteFunc(slices.Clone(rows), is) }

func (r *records) withoutBooking(id domain.BookingID) {
	r.bookings = without(r.bookings, func(b booking.Booking) bool { return b.ID == id })
}

func (r *records) withoutMessage(a message.Action, of domain.BookingID) {
	r.topics[a] = without(r.topics[a], func(d port.Delivery) bool { return message.BookingOf(d.Envelope.Body) == of })
}

// edit changes the messages of a kind that are about a booking.
func edit[M message.Message](r *records, of domain.BookingID, change func(*M)) {
	for _, log := range r.topics {
		for i, d := range log {
			if m, ok := d.Envelope.Body.(M); ok && message.BookingOf(m) == of {
				change(&m)
				log[i].Envelope.Body = m
			}
		}
	}
}

// stored is the row of a seat in RocksDB.
func (r *records) storedSeat(section string, i seating.Index) *port.StoredSeat {
	for _, snapshot := range r.stored {
		if snapshot == nil {
			continue
		}
		if at := slices.IndexFunc(snapshot.Seats, func(s port.StoredSeat) bool { return s.Section == section && s.Index == i }); at >= 0 {
			return &snapshot.Seats[at]
		}
	}
	return nil
}

// lag makes RocksDB one that has read a partition up to an offset.
func (r *records) lag(p domain.Partition, next int64) {
	r.stored[p] = nil
	if next > 0 {
		r.stored[p] = &r.before[p][next-1]
	}
	r.outcomes = without(r.outcomes, func(o outcome) bool { return o.partition == p && o.Offset >= next })
}

// unfinalised takes the record by which the seats of the paid booking became
// SOLD out of the journal, and what followed from it out of RocksDB.
func (r *records) unfinalised() {
	log := r.journal[0]
	i := slices.IndexFunc(log, func(e journal.Entry) bool { return e.Record.Kind == journal.SeatsSold })
	log[i].Damaged, log[i].Record = errDamaged, journal.Record{}
	for n := i + 1; n < len(log); n++ {
		log[n].Record.Seq--
	}
	end := &log[len(log)-1].Record
	delete(end.Positions, message.FinalizeTicket)
	delete(r.stored[0].Positions, message.FinalizeTicket)
	r.stored[0].Fold.NextSeq--
	r.stored[0].LastRecord.Seq--
	r.storedSeat("A", 0).Seat.Status, r.storedSeat("A", 1).Seat.Status = seating.Reserved, seating.Reserved
}

// write appends a record that the fold accepts.
func (r *records) write(p domain.Partition, rec journal.Record) {
	rec.Cause.Offset = -1
	rec.Seq = uint64(len(r.journal[p]))
	r.journal[p] = append(r.journal[p], journal.Entry{Offset: int64(len(r.journal[p])), Record: rec})
}

// sources are the ports of an audit.
func (r *records) sources() audit.Sources {
	s := audit.Sources{Catalogue: catalogue{r.catalogue, r}, Logs: r, Seats: []port.StoredSeats{r}, Bookings: r, Tickets: r, Charges: r,
		BookingInputs: inputs{r, r.bookingNext, r.unsent}, TicketInputs: inputs{r, r.ticketNext, nil}, Now: func() time.Time { return r.now }}
	if r.seatless {
		s.Seats = nil
	}
	if r.stopped {
		s.Started = r.started
	} else {
		s.Maps = []func(context.Context, domain.EventID) (map[domain.SeatID]string, error){r.live}
		s.Processes = []port.Process{r.process}
	}
	return s
}

func (r *records) err(method string) error {
	if r.failing == method {
		return errAway
	}
	return nil
}

// poison makes the request of a booking one that cannot be read but for its
// booking.
func (r *records) poison(of domain.BookingID) {
	for i, d := range r.topics[message.TicketReserving] {
		if message.BookingOf(d.Envelope.Body) == of {
			d.Poison, d.Booking, d.Section, d.Envelope = errDamaged, of, d.Envelope.Body.SectionName(), message.Envelope{}
			r.topics[message.TicketReserving][i] = d
		}
	}
}

// The ports.

type catalogue struct {
	*memory.Catalogue
	*records
}

func (c catalogue) Event(ctx context.Context, id domain.EventID) (ticketing.CatalogueEvent, error) {
	if err := c.err("Event"); err != nil {
		return ticketing.CatalogueEvent{}, err
	}
	return c.Catalogue.Event(ctx, id)
}

func (r *records) Journal(_ context.Context, _ domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	for p, entries := range r.journal {
		for _, e := range entries {
			fn(domain.Partition(p), e)
		}
	}
	return r.err("Journal")
}

func (r *records) Messages(_ context.Context, _ domain.EventID, a message.Action, fn func(port.Delivery)) error {
	for _, d := range r.topics[a] {
		fn(d)
	}
	return r.err("Messages")
}

func (r *records) Ends(_ context.Context, _ domain.EventID, a message.Action) (string, map[domain.Partition]int64, error) {
	ends := map[domain.Partition]int64{}
	for _, d := range r.topics[a] {
		ends[d.Input.Partition] = max(ends[d.Input.Partition], d.Offset+1)
	}
	return a.String(), ends, r.err("Ends")
}

func (r *records) DeadLetters(context.Context) (int, error) { return r.letters, r.err("DeadLetters") }

func (r *records) Load(_ domain.EventID, p domain.Partition) (port.SeatSnapshot, bool, error) {
	if r.stored[p] == nil {
		return port.SeatSnapshot{}, false, r.err("Load")
	}
	return *r.stored[p], true, r.err("Load")
}

func (r *records) Outcomes(_ domain.EventID, fn func(domain.Partition, port.Outcome)) error {
	for _, o := range r.outcomes {
		fn(o.partition, o.Outcome)
	}
	return r.err("Outcomes")
}

func (r *records) KeysUsedTwice(context.Context) (int, error) { return r.keys, r.err("KeysUsedTwice") }

func (r *records) AllBookings(context.Context) ([]booking.Booking, error) {
	return r.bookings, r.err("AllBookings")
}

func (r *records) AllPayments(context.Context) ([]booking.Payment, error) {
	return r.payments, r.err("AllPayments")
}

func (r *records) Charges(context.Context) ([]port.Charge, error) { return r.charges, r.err("Charges") }

func (r *records) EventIDs(context.Context) ([]domain.EventID, error) {
	return []domain.EventID{eventID}, r.err("EventIDs")
}

func (r *records) AllTickets(context.Context, domain.EventID) ([]ticketing.Ticket, []ticketing.Counts, error) {
	return r.tickets, r.counts, r.err("AllTickets")
}

func (r *records) Revenue(context.Context, domain.EventID) ([]int64, []ticketing.Interval, error) {
	return r.revenue, r.minutes, r.err("Revenue")
}

func (r *records) live(context.Context, domain.EventID) (map[domain.SeatID]string, error) {
	return r.shown, r.err("live")
}

// inputs are those of one service.
type inputs struct {
	*records
	next   map[port.InputPlace]int64
	unsent []domain.BookingID
}

func (i inputs) NextOffsets(context.Context) (map[port.InputPlace]int64, error) {
	return i.next, i.err("NextOffsets")
}

func (i inputs) Unsent(context.Context) ([]domain.BookingID, error) {
	return i.unsent, i.err("Unsent")
}
