package reservation_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	bookings "github.com/onsale-tickets/onsale/usecase/booking"
	"github.com/onsale-tickets/onsale/usecase/relay"
	"github.com/onsale-tickets/onsale/usecase/reservation"
	tickets "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// sale is the whole system: two servers of each service over one set of stores and
// logs, buyers, a gateway and clocks. A seed decides what happens next and what goes
// wrong. The same seed gives the same run.
type sale struct {
	*world
	ctx     context.Context
	perfect atomic.Bool   // nothing goes wrong any more
	ahead   atomic.Int64  // how far the stores' clock is ahead of the bubble's, in nanoseconds
	skew    time.Duration // how far the services' clocks are off
	ids     int

	bus      *bus
	bookings *memory.Bookings
	tickets  *memory.Ticketing
	gateway  *gateway
	letters  *memory.DeadLetters
	readers  []*reader

	accept     *bookings.AcceptBooking
	pay        *bookings.PayBooking
	cancel     *bookings.CancelBooking
	background []handler // what the services do by themselves
	asked      []bookings.BookingRequest
}

type handler interface {
	Handle(ctx context.Context) error
}

const (
	hallSections = 2
	saleWindow   = 15 * time.Minute
)

func newSale(seed uint64) *sale {
	w := &world{rng: chance(seed), journal: memory.NewJournal(), catalogue: memory.NewCatalogue(), topics: newLogs(), sections: hallSections}
	s := &sale{world: w, ctx: context.Background(),
		bookings: memory.NewBookings(), tickets: memory.NewTicketing(), letters: &memory.DeadLetters{}}
	s.bus = &bus{s}
	s.perfect.Store(true)
	s.journal.Fault = func(journal.Record) memory.Fate {
		return [...]memory.Fate{memory.Kept, memory.Lost, memory.Unknown, memory.Doubled}[s.fate(3)]
	}
	s.gateway = &gateway{sale: s, book: map[rules.PaymentID]*port.Charge{}, calls: map[rules.PaymentID]int{}}
	s.bookings.Now = s.now
	s.openHall()

	feed := &memory.Feed{}
	sure := unsure{s.bookings, s}
	paying := unsurePayments{memory.Payments{Bookings: s.bookings}, s}
	newID := func() domain.BookingID { s.ids++; return booking(s.ids) }
	s.accept = bookings.NewAcceptBooking(s.catalogue, sure, s.bus, newID, func() time.Time { return s.now().Add(s.skew) })
	payments := 0
	s.pay = bookings.NewPayBooking(paying, s.gateway, feed, func() rules.PaymentID { payments++; return rules.PaymentID(booking(payments)) })
	s.cancel = bookings.NewCancelBooking(sure, feed)
	s.background = []handler{bookings.NewExpireBookings(sure, feed), bookings.NewResend(s.catalogue, s.bookings, s.bus),
		bookings.NewCompletePayments(paying, s.gateway), relay.New(s.bookings, s.bus), relay.New(s.tickets, s.bus)}

	for i := range 2 {
		n := &node{world: w, number: i, name: fmt.Sprintf("s%d", i+1), store: memory.NewSeatStore(), nonce: uint64(i+1) << 32}
		n.deps = func(d *reservation.Deps) {
			d.Publisher, d.DeadLetters, d.Now = s.bus, s.letters, s.now
		}
		n.start()
		s.servers = append(s.servers, n)
		s.readers = append(s.readers,
			newReader(s, message.BookingService, func() port.Inbox { return bookings.NewAnswers(sure, s.letters, feed, saleWindow) }),
			newReader(s, message.EventTicketing, func() port.Inbox { return tickets.NewUpdates(unsureTickets{s.tickets, s}, s.catalogue, s.letters) }))
	}
	s.perfect.Store(false)
	return s
}

func (s *sale) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// openHall puts two sections of twelve seats on sale.
func (s *sale) openHall() {
	e := ticketing.CatalogueEvent{Revision: 1, Currency: "EUR", MaxTickets: 4, CreatedAt: s.now()}
	for i := range hallSections {
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Price: 100,
			Layout: seating.SectionLayout{Name: string(rune('A' + i)), Subsections: []seating.Subsection{seating.Regular(1, rows, rowSeats)}}})
	}
	id, err := s.tickets.Create(s.ctx, e)
	if err == nil {
		err = tickets.NewOpenSale(s.tickets, &memory.EventTopics{}, s.bus, s.catalogue).Handle(s.ctx, id)
	}
	if err != nil {
		panic(err)
	}
}

// fate returns the number of the fault that a step has, 1 to faults, or 0 for none,
// which is the usual case.
func (s *sale) fate(faults int) int {
	if f := s.rng.IntN(40 * faults); !s.perfect.Load() && f < faults {
		return 1 + f
	}
	return 0
}

var errFault = errors.New("as the seed has it")

// step calls do. Sometimes it fails instead, or reports a failure although do was
// called.
func (s *sale) step(do func() error) error {
	switch s.fate(2) {
	case 1:
		return errFault
	case 2:
		_ = do()
		return errFault
	}
	return do()
}

// bus puts messages on the topics. A reader of several topics finds them in any order.
type bus struct{ *sale }

var _ port.Publisher = (*bus)(nil)

// Send keeps a message once, twice or not at all. It may report that the fate of the
// message is unknown.
func (b *bus) Send(e message.Envelope, done func(error)) {
	var err error
	copies := 1
	switch b.fate(3) {
	case 1:
		copies, err = 0, errFault
	case 2:
		err = errFault
	case 3:
		copies = 2
	}
	for range copies {
		b.topics.put(port.Delivery{Input: input(e.Body.Action(), e.Partition), Envelope: e})
	}
	done(err)
}

// reader is a server of a PostgreSQL service: it stores what it reads together with
// its position.
type reader struct {
	sale  *sale
	of    message.Service
	fresh func() port.Inbox
	inbox port.Inbox
	next  map[port.Input]int64 // nil: it is not a member
}

func newReader(s *sale, of message.Service, fresh func() port.Inbox) *reader {
	return &reader{sale: s, of: of, fresh: fresh, inbox: fresh()}
}

// crash drops everything that was in memory.
func (r *reader) crash() { r.inbox, r.next = r.fresh(), nil }

// join gives it all partitions. The server that had them is not told.
func (r *reader) join() {
	ends := map[port.Input]int64{}
	for _, a := range message.Inbound(r.of) {
		for p := range domain.Partition(domain.Partitions) {
			ends[input(a, p)] = r.sale.topics.end(a, p)
		}
	}
	if next, err := r.inbox.Assigned(r.sale.ctx, show, ends); err == nil {
		r.next = next
	}
}

// deliver delivers up to most records of each topic, and reports whether there were
// any. A server that refuses them starts again.
func (r *reader) deliver(most int) bool {
	var batch []port.Delivery
	for _, a := range message.Inbound(r.of) {
		for p := range domain.Partition(domain.Partitions) {
			log, from := r.sale.topics.read(a, p), int(r.next[input(a, p)])
			if r.next != nil && from < len(log) {
				if !r.sale.perfect.Load() { // an old record that was still in a queue
					from = max(0, from-r.sale.rng.IntN(2))
				}
				batch = append(batch, log[from:min(from+most, len(log))]...)
			}
		}
	}
	if len(batch) == 0 {
		return false
	}
	if err := r.inbox.Deliver(r.sale.ctx, show, batch); err != nil {
		r.crash()
		return true
	}
	for _, d := range batch {
		r.next[d.Input] = d.Offset + 1
	}
	return true
}

// unsure is a store of which some results are lost.
type unsure struct {
	*memory.Bookings
	sale *sale
}

func (u unsure) Accept(ctx context.Context, b rules.Booking, key port.IdempotencyKey) (is rules.Booking, err error) {
	err = u.sale.step(func() error { is, err = u.Bookings.Accept(ctx, b, key); return err })
	return is, err
}

func (u unsure) Apply(ctx context.Context, progress []port.Progress, ids []domain.BookingID, decide func(time.Time, map[domain.BookingID]rules.Booking) port.BookingChanges) error {
	return u.sale.step(func() error { return u.Bookings.Apply(ctx, progress, ids, decide) })
}

func (u unsure) Cancel(ctx context.Context, id domain.BookingID, decide func(rules.Booking) (rules.Change, error)) (is rules.Booking, err error) {
	err = u.sale.step(func() error { is, err = u.Bookings.Cancel(ctx, id, decide); return err })
	return is, err
}

func (u unsure) ExpireDue(ctx context.Context, limit int, decide func(rules.Booking, time.Time) (rules.Change, bool)) (ended []rules.Booking, err error) {
	err = u.sale.step(func() error { ended, err = u.Bookings.ExpireDue(ctx, limit, decide); return err })
	return ended, err
}

type unsurePayments struct {
	memory.Payments
	sale *sale
}

func (u unsurePayments) Start(ctx context.Context, id domain.BookingID, decide func(rules.Booking, time.Time) (rules.Payment, error)) (is rules.Payment, err error) {
	err = u.sale.step(func() error { is, err = u.Payments.Start(ctx, id, decide); return err })
	return is, err
}

func (u unsurePayments) Move(ctx context.Context, id rules.PaymentID, from, to rules.PaymentStatus) (ok bool, err error) {
	err = u.sale.step(func() error { ok, err = u.Payments.Move(ctx, id, from, to); return err })
	return ok, err
}

func (u unsurePayments) Conclude(ctx context.Context, id rules.PaymentID, decide func(rules.Payment, rules.Booking, time.Time) rules.Conclusion) error {
	return u.sale.step(func() error { return u.Payments.Conclude(ctx, id, decide) })
}

type unsureTickets struct {
	*memory.Ticketing
	sale *sale
}

func (u unsureTickets) Apply(ctx context.Context, event domain.EventID, progress []port.Progress, seats []domain.SeatID, decide func([]ticketing.Ticket) port.TicketChanges) error {
	return u.sale.step(func() error { return u.Ticketing.Apply(ctx, event, progress, seats, decide) })
}

// draw returns a source of chance for one call about one payment. The worker calls
// the gateway from several goroutines, and their order must not matter.
func draw(id rules.PaymentID, call int) *rand.Rand {
	return rand.New(rand.NewPCG(uint64(id[15])|uint64(id[14])<<8, uint64(call)))
}
