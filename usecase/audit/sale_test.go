package audit_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	answers "github.com/onsale-tickets/onsale/usecase/booking"
	updates "github.com/onsale-tickets/onsale/usecase/ticketing"
)

const (
	eventID = domain.EventID(1)
	window  = 15 * time.Minute
)

var (
	errDamaged = errors.New("these bytes are no record")
	errAway    = errors.New("the source is away")
)

var (
	opening = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	price   = domain.Money{Amount: 100, Currency: "EUR"}
)

// The bookings of the sale that every test begins with, in the order of their
// requests. Section A has two subsections of one row of four seats, B has one.
var (
	paid      = domain.BookingID{15: 1} // best available, two of A: A-1-1-1 and A-1-1-2, paid
	manual    = domain.BookingID{15: 2} // by hand, A-2-1-1 and A-2-1-2: pending, after a card that was declined
	strict    = domain.BookingID{15: 3} // best available, two of A subsection 2, all or nothing: pending
	taken     = domain.BookingID{15: 4} // by hand, A-2-1-1: failed
	few       = domain.BookingID{15: 5} // best available, three of A subsection 1, all or nothing: failed
	withdrawn = domain.BookingID{15: 6} // best available, one of A: cancelled before it had A-1-1-3
	expired   = domain.BookingID{15: 7} // best available, two of B: B-1-1-1 and B-1-1-2, given back; its payment was voided
	last      = domain.BookingID{15: 8} // best available, five of B: all four, pending
	soldOut   = domain.BookingID{15: 9} // best available, one of B: failed
)

// sale makes what an installation records: buyers and the seat owner step by
// step by the rules of the domain, the two other services by their use cases,
// all of it kept by the memory adapters.
type sale struct {
	t   *testing.T
	ctx context.Context
	now time.Time
	// lie changes what the seat owner decides before it is recorded. Everything
	// else follows from the record.
	lie func(*journal.Record)

	event     ticketing.CatalogueEvent
	catalogue *memory.Catalogue
	bookings  *memory.Bookings
	tickets   *memory.Ticketing
	seats     *memory.SeatStore
	payments  []booking.Payment
	charges   []port.Charge
	topics    map[message.Action][]port.Delivery
	inboxes   map[message.Service]port.Inbox
	released  int // of what booking-service sends

	finder  seating.Finder
	journal [domain.Partitions][]journal.Entry
	folds   [domain.Partitions]journal.Fold
	states  [domain.Partitions]*journal.State
	stored  [domain.Partitions][]port.SeatSnapshot // after each record
}

func newSale(t *testing.T, lie func(*journal.Record)) *sale {
	t.Helper()
	s := &sale{t: t, ctx: t.Context(), now: opening, lie: lie, catalogue: memory.NewCatalogue(), bookings: memory.NewBookings(), tickets: memory.NewTicketing(),
		seats: memory.NewSeatStore(), topics: map[message.Action][]port.Delivery{}}
	s.bookings.Now = func() time.Time { return s.now }
	s.event = ticketing.CatalogueEvent{ID: eventID, Revision: 1, JournalTopicID: "journal-1", Currency: price.Currency, MaxTickets: 5, CreatedAt: opening,
		Sections: []ticketing.CatalogueSection{
			{Price: price.Amount, Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 1, 4), seating.Regular(2, 1, 4)}}},
			{Price: price.Amount, Layout: seating.SectionLayout{Name: "B", Subsections: []seating.Subsection{seating.Regular(1, 1, 4)}}}}}
	_, err := s.tickets.Create(s.ctx, s.event)
	s.check(err)
	s.check(s.tickets.PublishLocked(s.ctx, eventID, func(_ context.Context, e *ticketing.Event) error {
		e.Status, e.JournalTopicID = ticketing.OnSale, s.event.JournalTopicID
		return s.catalogue.PublishEvent(s.ctx, s.event)
	}))
	letters := &memory.DeadLetters{}
	s.inboxes = map[message.Service]port.Inbox{
		message.BookingService: answers.NewAnswers(s.bookings, letters, &memory.Feed{}, window),
		message.EventTicketing: updates.NewUpdates(s.tickets, s.catalogue, letters)}
	for service, inbox := range s.inboxes {
		ends := map[port.Input]int64{}
		for _, action := range message.Inbound(service) {
			for p := range domain.Partition(domain.Partitions) {
				ends[input(action, p)] = 0
			}
		}
		_, err := inbox.Assigned(s.ctx, eventID, ends)
		s.check(err)
	}
	for i, section := range s.event.Sections {
		p := domain.Partition(i)
		s.states[p] = journal.NewState()
		s.record(p, journal.Record{Kind: journal.Claimed, Nonce: 5, Cause: journal.Cause{Offset: -1}})
		s.command(message.InitializeSeats{EventID: eventID, Layout: section.Layout})
	}
	return s
}

func (s *sale) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func input(a message.Action, p domain.Partition) port.Input {
	return port.Input{Event: eventID, Action: a, Partition: p, TopicID: a.String()}
}

// ask accepts a booking and keeps its request. The seat owner has not read it.
func (s *sale) ask(b booking.Booking) message.TicketReservedRequest {
	s.t.Helper()
	s.now = s.now.Add(10 * time.Second)
	b.EventID, b.UnitPrice, b.Status, b.CreatedAt, b.Revision = eventID, price, booking.Processing, s.now, 1
	_, err := s.bookings.Accept(s.ctx, b, port.IdempotencyKey{})
	s.check(err)
	return message.TicketReservedRequest{EventID: eventID, BookingID: b.ID, BuyerID: b.BuyerID, Section: b.Section, Subsection: b.Subsection, Mode: b.Mode,
		Quantity: b.Quantity, Positions: b.Positions, AllowPartial: b.AllowPartial, UnitPrice: b.UnitPrice, RequestedAt: b.CreatedAt}
}

// book is a request with its answer.
func (s *sale) book(b booking.Booking) {
	s.t.Helper()
	s.command(s.ask(b))
}

// change makes one step of a booking, and sends what gives its seats back.
func (s *sale) change(id domain.BookingID, step func(booking.Booking) (booking.Booking, bool)) booking.Booking {
	s.t.Helper()
	var after booking.Booking
	s.check(s.bookings.Apply(s.ctx, nil, []domain.BookingID{id}, func(_ time.Time, found map[domain.BookingID]booking.Booking) (c port.BookingChanges) {
		var ok bool
		if after, ok = step(found[id]); !ok {
			s.t.Fatalf("booking %s is %s", id, found[id].Status)
		}
		c.Bookings = append(c.Bookings, after)
		if after.Status == booking.Cancelled && len(after.Seats) > 0 {
			c.Outgoing = append(c.Outgoing, message.BookingExpiredReleaseTickets{EventID: after.EventID, BookingID: after.ID, Section: after.Section,
				Seats: after.Seats, Hold: after.Hold, Reason: string(after.Cancellation)})
		}
		return c
	}))
	s.relay()
	return after
}

// attempt is a try to pay, as it ended, with what the gateway wrote down.
func (s *sale) attempt(id domain.BookingID, ended booking.PaymentStatus) {
	s.t.Helper()
	b, err := s.bookings.Booking(s.ctx, id)
	s.check(err)
	total, _ := b.Total()
	p := booking.Payment{ID: booking.PaymentID{0: 9, 15: byte(len(s.payments) + 1)}, BookingID: id, Amount: total, Status: ended, StartedAt: s.now}
	c := port.Charge{Payment: p.ID.String(), Booking: id.String(), Amount: total, State: string(ended)}
	if ended == booking.Captured {
		c.Captures = 1
	}
	s.payments, s.charges = append(s.payments, p), append(s.charges, c)
}

func (s *sale) pay(id domain.BookingID) {
	s.t.Helper()
	s.now = s.now.Add(10 * time.Second)
	s.attempt(id, booking.Captured)
	b := s.change(id, func(b booking.Booking) (booking.Booking, bool) { return b.Pay(s.now) })
	total, _ := b.Total()
	s.send(message.BookingPaidSuccess{EventID: b.EventID, BookingID: b.ID, BuyerID: b.BuyerID, Section: b.Section, Seats: b.Seats, Hold: b.Hold,
		UnitPrice: b.UnitPrice, Total: total, PaidAt: b.PaidAt})
}

func (s *sale) cancel(id domain.BookingID, reason booking.CancellationReason) {
	s.t.Helper()
	s.change(id, func(b booking.Booking) (booking.Booking, bool) { return b.Cancel(reason) })
}

// send appends a message to its topic and hands it to the service that reads it.
func (s *sale) send(m message.Message) {
	s.t.Helper()
	flow := m.Action().Flow()
	partition := domain.Partition(eventID % domain.Partitions)
	if flow.BySection {
		_, position, _ := s.event.Section(m.SectionName())
		partition = domain.Partition(position)
	}
	log := s.topics[m.Action()]
	offset := int64(0)
	for _, d := range log {
		if d.Input.Partition == partition {
			offset++
		}
	}
	d := port.Delivery{Input: input(m.Action(), partition), Offset: offset,
		Envelope: message.Envelope{ID: fmt.Sprint(flow.Message, partition, offset), Time: s.now, Partition: partition, Body: m}}
	s.topics[m.Action()] = append(log, d)
	if flow.To != message.SeatReservation {
		s.check(s.inboxes[flow.To].Deliver(s.ctx, eventID, []port.Delivery{d}))
		s.relay()
		return
	}
	cause := journal.Cause{Action: m.Action(), TopicID: m.Action().String(), Offset: offset}
	if r, ok := journal.Decide(s.states[partition], &s.finder, m, cause, s.now.UnixMicro()); ok {
		if s.lie != nil {
			s.lie(&r)
		}
		s.record(partition, r)
	}
}

// command is a message for the seat owner, who decides at once.
func (s *sale) command(m message.Message) { s.t.Helper(); s.send(m) }

// relay sends what waits in the outboxes.
func (s *sale) relay() {
	s.t.Helper()
	releases := s.bookings.Outgoing()[s.released:]
	s.released += len(releases)
	for _, m := range releases {
		s.send(m)
	}
	var waiting []message.Envelope
	_, err := s.tickets.Claim(s.ctx, 100, func(_ context.Context, envelopes []message.Envelope) error {
		waiting = envelopes
		return nil
	})
	s.check(err)
	for _, e := range waiting {
		s.send(e.Body)
	}
}

// record is the seat owner: it appends a record, stores what follows from it and
// sends the messages.
func (s *sale) record(p domain.Partition, r journal.Record) {
	s.t.Helper()
	if r.Kind != journal.Claimed {
		r.Epoch, r.Seq = s.folds[p].Epoch, s.folds[p].NextSeq
	}
	e := journal.Entry{Offset: int64(len(s.journal[p])), Record: r}
	s.journal[p] = append(s.journal[p], e)
	if !s.folds[p].Accept(e) {
		s.t.Fatalf("record %d of partition %d is not accepted", e.Offset, p)
	}
	state := s.states[p]
	state.Apply(&r, e.Offset)
	batch := port.SeatBatch{Event: eventID, Partition: p, SeatFold: port.SeatFold{JournalTopicID: s.event.JournalTopicID, Fold: s.folds[p],
		Positions: state.Positions, Emitted: state.Emitted, LastRecord: port.IdentityOf(r)}}
	var told []message.Message
	switch r.Kind {
	case journal.SeatsInitialized:
		batch.Sections = []port.StoredSection{{Layout: *r.Layout, HoldBase: r.HoldBase}}
	case journal.SeatsReserved, journal.ReservationRefused, journal.CommandRejected:
		section, _ := state.Section(r.Section)
		o := port.Outcome{BookingID: r.BookingID, Offset: e.Offset, Section: r.Section, BuyerID: r.BuyerID, Seats: r.Seats,
			Hold: 0, UnitPrice: r.UnitPrice, Reason: r.Reason, At: r.At}
		if r.Kind == journal.SeatsReserved {
			o.Hold = state.HoldOf(&r, e.Offset)
			held := message.Held{EventID: eventID, BookingID: r.BookingID, BuyerID: r.BuyerID, Section: r.Section, Seats: section.Map.Plan().Seats(r.Seats),
				Hold: o.Hold, UnitPrice: r.UnitPrice, ReservedAt: time.UnixMicro(r.At).UTC()}
			told = append(told, message.SeatUpdatedToReserved{Held: held}, message.BookingUpdatedToPendingPayment{Held: held})
		} else {
			if r.Kind == journal.CommandRejected {
				o.Reason = "not_processable"
			}
			told = append(told, message.BookingUpdatedToFailed{EventID: eventID, BookingID: r.BookingID, Section: r.Section, Reason: o.Reason})
		}
		batch.Outcomes = []port.Outcome{o}
	}
	if section, ok := state.Section(r.Section); ok {
		for _, i := range r.Seats {
			batch.Seats = append(batch.Seats, port.StoredSeat{Section: r.Section, Index: i, Seat: section.Map.Seat(i)})
		}
	}
	s.check(s.seats.Write(batch))
	snapshot, _, err := s.seats.Load(eventID, p)
	s.check(err)
	s.stored[p] = append(s.stored[p], snapshot)
	for _, m := range told {
		s.send(m)
	}
}

func seat(section string, subsection, n int) domain.SeatID {
	return domain.SeatID{Section: section, Subsection: subsection, Row: 1, Seat: n}
}

func positions(seats ...int) (at []domain.SeatPosition) {
	for _, n := range seats {
		at = append(at, domain.SeatPosition{Row: 1, Seat: n})
	}
	return at
}

// sold is the sale of all bookings above, at rest.
func sold(t *testing.T, lie func(*journal.Record)) *records {
	t.Helper()
	s := newSale(t, lie)
	s.book(booking.Booking{ID: paid, BuyerID: 7, Section: "A", Mode: message.BestAvailable, Quantity: 2, AllowPartial: true})
	s.pay(paid)
	s.book(booking.Booking{ID: manual, BuyerID: 8, Section: "A", Subsection: 2, Mode: message.Manual, Positions: positions(1, 2), Quantity: 2, AllowPartial: true})
	s.attempt(manual, booking.Declined)
	s.book(booking.Booking{ID: strict, BuyerID: 8, Section: "A", Subsection: 2, Mode: message.BestAvailable, Quantity: 2})
	s.book(booking.Booking{ID: taken, BuyerID: 9, Section: "A", Subsection: 2, Mode: message.Manual, Positions: positions(1), Quantity: 1, AllowPartial: true})
	s.book(booking.Booking{ID: few, BuyerID: 9, Section: "A", Subsection: 1, Mode: message.BestAvailable, Quantity: 3})
	late := s.ask(booking.Booking{ID: withdrawn, BuyerID: 9, Section: "A", Mode: message.BestAvailable, Quantity: 1, AllowPartial: true})
	s.cancel(withdrawn, booking.ByBuyer)
	s.command(late)
	s.book(booking.Booking{ID: expired, BuyerID: 7, Section: "B", Mode: message.BestAvailable, Quantity: 2, AllowPartial: true})
	s.attempt(expired, booking.Voided)
	s.now = s.now.Add(window)
	s.cancel(expired, booking.Expired)
	s.now = s.now.Add(-window) // the others are pending still
	s.book(booking.Booking{ID: last, BuyerID: 7, Section: "B", Mode: message.BestAvailable, Quantity: 5, AllowPartial: true})
	s.book(booking.Booking{ID: soldOut, BuyerID: 9, Section: "B", Mode: message.BestAvailable, Quantity: 1, AllowPartial: true})
	for i := range s.event.Sections {
		p := domain.Partition(i)
		s.record(p, journal.Record{Kind: journal.Checkpoint, Cause: journal.Cause{Offset: -1}, Positions: s.states[p].Positions, Emitted: s.folds[p].Mark()})
	}
	return s.records()
}

// records copies what was recorded, for a test to change.
func (s *sale) records() *records {
	s.t.Helper()
	r := &records{event: s.event, catalogue: s.catalogue, journal: s.journal, before: s.stored, topics: s.topics, payments: s.payments, charges: s.charges, now: s.now.Add(time.Second),
		shown: map[domain.SeatID]string{}, process: port.Process{Name: "booking-service", Goroutines: 900, Files: 500, OpenStreams: 100}}
	var err error
	r.bookings, err = s.bookings.AllBookings(s.ctx)
	s.check(err)
	r.tickets, r.counts, err = s.tickets.AllTickets(s.ctx, eventID)
	s.check(err)
	r.revenue, r.minutes, err = s.tickets.Revenue(s.ctx, eventID)
	s.check(err)
	for _, t := range r.tickets {
		if t.Status != ticketing.Available {
			r.shown[t.Seat] = t.Status.String()
		}
	}
	r.bookingNext, err = s.bookings.NextOffsets(s.ctx)
	s.check(err)
	r.ticketNext, err = s.tickets.NextOffsets(s.ctx)
	s.check(err)
	for p := range r.stored {
		snapshot, found, err := s.seats.Load(eventID, domain.Partition(p))
		s.check(err)
		if found {
			r.stored[p] = &snapshot
		}
	}
	s.check(s.seats.Outcomes(eventID, func(p domain.Partition, o port.Outcome) { r.outcomes = append(r.outcomes, outcome{p, o}) }))
	return r
}
