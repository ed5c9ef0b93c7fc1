package reservation_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
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
// logs, buyers, a seller, a gateway and clocks. A seed decides what happens next and
// what goes wrong, and repeats a run.
type sale struct {
	*world
	*faults
	ctx       context.Context
	network   *network
	gate      *gate
	running   sync.WaitGroup // calls that may take longer than a move
	following sync.WaitGroup // until end is called
	end       func()

	ahead atomic.Int64  // of the stores' clock before the bubble's, in nanoseconds
	skew  time.Duration // of the services' clocks against the stores'
	ids   int
	paid  int                       // payments that were begun
	late  map[domain.BookingID]bool // bookings whose buyers will not pay any more

	garbled map[domain.BookingID]bool // whether all requests of a booking cannot be read

	bookings *memory.Bookings
	tickets  *memory.Ticketing
	gateway  *gateway
	letters  *memory.DeadLetters
	readers  []*reader
	followed []*unsureCatalogue        // by the nodes
	backups  map[int]*memory.SeatStore // of the nodes' stores

	accept     *bookings.AcceptBooking
	pay        *bookings.PayBooking
	cancel     *bookings.CancelBooking
	change     *tickets.ChangeEvent
	background []*task // what the services do by themselves
	asked      []bookings.BookingRequest
	promises   promises
	truth      *memory.Wakes           // what the log of wake-ups says
	views      []*memory.Wakes         // of servers that are no nodes
	slept      map[domain.EventID]bool // as truth says
	owner      int                     // the server that does the work when the sale comes to rest
}

// task is done again and again.
type task struct {
	handler
	runs atomic.Int32 // at present
}

type handler interface {
	Handle(ctx context.Context) error
}

const (
	hallEvents   = 2
	hallSections = 3
	hallRows     = 4
	hallSeats    = 5 // in a row
	saleWindow   = 2 * time.Minute
)

var seller = port.Claims{User: 1, Role: "seller"}

func newSale(seed uint64) *sale {
	ctx, cancel := context.WithCancel(context.Background())
	w := &world{rng: chance(seed), journal: memory.NewJournal(), catalogue: memory.NewCatalogue(), wakes: memory.NewWakeLog(), topics: newLogs(), sections: hallSections}
	s := &sale{world: w, faults: newFaults(seed), ctx: ctx, end: cancel, backups: map[int]*memory.SeatStore{}, late: map[domain.BookingID]bool{}, slept: map[domain.EventID]bool{}, garbled: map[domain.BookingID]bool{},
		bookings: memory.NewBookings(), tickets: memory.NewTicketing(), letters: &memory.DeadLetters{}}
	s.network, s.gate, s.gateway = newNetwork(s.faults, w.rng), newGate(s.faults, w.rng), newGateway(s)
	s.bookings.Now = s.now

	feed, bus := &memory.Feed{}, bus{s, "services"}
	catalogue := newUnsureCatalogue(s, "services")
	wakes := s.newView(s.catalogue, message.BookingService)
	s.views = append(s.views, wakes)
	s.truth = memory.NewWakes(s.wakes, s.catalogue, message.BookingService, time.Hour)
	s.wakes.Fault = s.unsureWake
	store := unsure{s.bookings, s.faults}
	paying := unsurePayments{memory.Payments{Bookings: s.bookings}, s}
	newID := func() domain.BookingID { s.ids++; return booking(s.ids) }
	clock := func() time.Time { return s.now().Add(s.skew) }
	requests := bookings.NewRequests(s.catalogue, bus)
	s.accept = bookings.NewAcceptBooking(catalogue, store, requests, wakes, newID, clock)
	s.pay = bookings.NewPayBooking(paying, s.gateway, feed, func() rules.PaymentID { s.paid++; return rules.PaymentID(booking(s.paid)) })
	s.cancel = bookings.NewCancelBooking(store, feed)
	changes := unsureTickets{s.tickets, s.faults}
	open := tickets.NewOpenSale(changes, catalogue)
	woken := s.newView(s.catalogue, message.EventTicketing)
	s.views = append(s.views, woken)
	ready := tickets.NewMakeReady(changes, &memory.EventTopics{}, bus, open, woken)
	s.change = tickets.NewChangeEvent(changes, s.tickets, open, func(string) bool { return true }, clock, true)
	for _, h := range []handler{bookings.NewExpireBookings(store, feed), bookings.NewResend(catalogue, store, bus, requests, wakes),
		bookings.NewCompletePayments(paying, s.gateway), relay.New(s.bookings, bus, wakes), relay.New(s.tickets, bus, wakes), tickets.NewTakeUp(changes, open), ready} {
		s.background = append(s.background, &task{handler: h})
	}
	s.sleepers()
	s.create()
	if err := open.Handle(s.ctx, show); err != nil {
		panic(err)
	}
	for i := range 2 {
		s.serve(i)
		letters := unsureLetters{s.letters, s, "services", false}
		s.readers = append(s.readers,
			newReader(s, message.BookingService, func() port.Inbox { return bookings.NewAnswers(store, letters, feed, saleWindow) }),
			newReader(s, message.EventTicketing, func() port.Inbox { return tickets.NewUpdates(changes, catalogue, letters) }))
	}
	for _, follow := range []func(context.Context) error{requests.Run, ready.Run} {
		s.following.Go(func() { _ = follow(s.ctx) })
	}
	s.setPerfect(false)
	return s
}

// stop ends all goroutines.
func (s *sale) stop() {
	s.end()
	s.following.Wait()
	s.world.stop()
}

// serve adds a server of seat-reservation-service.
func (s *sale) serve(number int) {
	n, catalogue := s.idleNode(number), newUnsureCatalogue(s, "")
	s.followed = append(s.followed, catalogue)
	n.deps = func(d *reservation.Deps) {
		d.Journal = wire{d.Journal.(tap), s, sender(n)}
		d.Seats = unsureSeats{n.store, s.faults, n.name}
		d.Publisher = bus{s, sender(n)}
		d.DeadLetters = unsureLetters{s.letters, s, n.name, true}
		d.Catalogue, d.Now = catalogue, s.now
		n.view = s.newView(catalogue, message.SeatReservation)
		d.Wakes = n.view
	}
	for event := range domain.EventID(hallEvents) {
		n.of(1 + event)
	}
	n.start()
	s.servers = append(s.servers, n)
}

// sender names a server from its start to its end.
func sender(n *node) string {
	return n.name + string(rune('a'+n.lives%26)) + string(rune('a'+n.lives/26))
}

func (s *sale) now() time.Time { return time.Now().Add(time.Duration(s.ahead.Load())) }

// create stores an event of three sections of twenty seats. It is not on sale yet.
func (s *sale) create() {
	e := ticketing.CatalogueEvent{Revision: 1, SellerID: seller.User, Currency: "EUR", MaxTickets: 4, CreatedAt: s.now()}
	for i := range hallSections {
		e.Sections = append(e.Sections, ticketing.CatalogueSection{Price: 100,
			Layout: seating.SectionLayout{Name: sectionName(i), Subsections: []seating.Subsection{seating.Regular(1, hallRows, hallSeats)}}})
	}
	if _, err := s.tickets.Create(s.ctx, e); err != nil {
		panic(err)
	}
}

func sectionName(i int) string { return string(rune('A' + i)) }

// spawn runs what may take longer than a move.
func (s *sale) spawn(limit time.Duration, f func(context.Context)) {
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	s.running.Go(func() {
		defer cancel()
		f(ctx)
	})
	synctest.Wait()
}

// reader is a server that stores what it reads with how far it has read.
type reader struct {
	sale  *sale
	of    message.Service
	fresh func() port.Inbox
	inbox port.Inbox
	next  map[port.Input]int64 // nil: it is no member
	view  *memory.Wakes
}

func newReader(s *sale, of message.Service, fresh func() port.Inbox) *reader {
	r := &reader{sale: s, of: of, fresh: fresh}
	r.crash()
	return r
}

// crash leaves nothing of what it knew.
func (r *reader) crash() {
	r.inbox, r.next, r.view = r.fresh(), nil, r.sale.newView(r.sale.catalogue, r.of)
}

// inputs are all that the service reads of an event.
func (r *reader) inputs(event domain.EventID) (all []port.Input) {
	for _, a := range message.Inbound(r.of) {
		for p := range domain.Partition(hallSections) {
			all = append(all, inputOf(event, a, p))
		}
	}
	return all
}

// join gives it all partitions. Another server that had them is not told.
func (r *reader) join() {
	next := map[port.Input]int64{}
	for event := range domain.EventID(hallEvents) {
		if r.sale.unread(r.view, 1+event) {
			continue
		}
		ends := map[port.Input]int64{}
		for _, i := range r.inputs(1 + event) {
			ends[i] = r.sale.topics.end(i)
		}
		from, err := r.inbox.Assigned(r.sale.ctx, 1+event, ends)
		if err != nil {
			return
		}
		for i, offset := range from {
			next[i] = offset
		}
	}
	r.next = next
}

// deliver hands on up to most records of each topic, and reports whether there were
// any. A server that cannot take them begins anew.
func (r *reader) deliver(most int) (some bool) {
	for event := range domain.EventID(hallEvents) {
		some = r.deliverOf(1+event, most) || some
	}
	return some
}

// skip hands on a record behind a gap.
func (r *reader) skip(event domain.EventID) {
	if r.next == nil {
		return
	}
	for _, i := range r.inputs(event) {
		if _, member := r.next[i]; !member {
			return
		}
		log, from := r.sale.topics.read(i), r.next[i]+1
		if from >= int64(len(log)) {
			continue
		}
		r.sale.count(skipped)
		if err := r.inbox.Deliver(r.sale.ctx, event, log[from:from+1]); err != nil {
			r.crash()
			return
		}
		r.next[i] = from + 1
		return
	}
}

func (r *reader) deliverOf(event domain.EventID, most int) bool {
	if r.next == nil {
		return false
	}
	var batch []port.Delivery
	for _, i := range r.inputs(event) {
		log, from := r.sale.topics.read(i), int(r.next[i])
		if _, member := r.next[i]; !member {
			return false
		}
		if from < len(log) {
			if !r.sale.isPerfect() { // what was in a queue comes again
				from = max(0, from-r.sale.rng.IntN(2))
			}
			batch = append(batch, log[from:min(from+most, len(log))]...)
		}
	}
	if len(batch) == 0 {
		return false
	}
	if err := r.inbox.Deliver(r.sale.ctx, event, batch); err != nil {
		r.crash()
		return true
	}
	for _, d := range batch {
		r.next[d.Input] = max(r.next[d.Input], d.Offset+1)
	}
	return true
}
