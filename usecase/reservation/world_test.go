package reservation_test

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

const (
	show     = domain.EventID(1)
	topicID  = "journal-1"
	stalls   = "A"
	rows     = 3
	rowSeats = 4
)

// world has the command topics and journals of some events, and servers that share
// nothing else. It lives in a bubble of testing/synctest. The test does one thing at
// a time and waits until all goroutines are blocked. So a seed repeats a run,
// although each server is a real one with its goroutines.
type world struct {
	rng       *rand.Rand
	journal   *memory.Journal
	catalogue *memory.Catalogue
	wakes     *memory.WakeLog
	topics    *logs
	sections  int // of each event, on partitions 0, 1, …
	servers   []*node
}

// inWorld runs f in a bubble, in a world of some servers that have read the
// catalogue.
func inWorld(t *testing.T, servers int, f func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(1, servers)
		defer w.stop()
		f(t, w)
	})
}

func newWorld(seed uint64, servers int) *world {
	w := &world{rng: chance(seed), journal: memory.NewJournal(), catalogue: memory.NewCatalogue(), wakes: memory.NewWakeLog(), topics: newLogs(), sections: 1}
	w.publish(catalogued())
	w.command(message.InitializeSeats{EventID: show, Layout: stallsLayout()})
	for i := range servers {
		w.servers = append(w.servers, w.newNode(i))
	}
	return w
}

func stallsLayout() seating.SectionLayout {
	return seating.SectionLayout{Name: stalls, Subsections: []seating.Subsection{seating.Regular(1, rows, rowSeats)}}
}

func catalogued() ticketing.CatalogueEvent {
	return ticketing.CatalogueEvent{ID: show, Revision: 1, JournalTopicID: topicID, Sections: []ticketing.CatalogueSection{{Layout: stallsLayout(), Price: 100}}}
}

func (w *world) publish(e ticketing.CatalogueEvent) {
	if err := w.catalogue.PublishEvent(context.Background(), e); err != nil {
		panic(err)
	}
}

// stop kills all servers.
func (w *world) stop() {
	for _, n := range w.servers {
		n.kill()
	}
}

// logs are the topics between the services.
type logs struct {
	mu sync.Mutex
	of map[topicPlace][]port.Delivery
}

type topicPlace struct {
	event     domain.EventID
	action    message.Action
	partition domain.Partition
}

func placeOf(i port.Input) topicPlace { return topicPlace{i.Event, i.Action, i.Partition} }

func newLogs() *logs { return &logs{of: map[topicPlace][]port.Delivery{}} }

func (l *logs) put(d port.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := placeOf(d.Input)
	d.Offset = int64(len(l.of[at]))
	l.of[at] = append(l.of[at], d)
}

// read returns all records of a topic's partition.
func (l *logs) read(i port.Input) []port.Delivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of[placeOf(i)]
}

func (l *logs) end(i port.Input) int64 { return int64(len(l.read(i))) }

// size is the number of all records.
func (l *logs) size() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, log := range l.of {
		n += len(log)
	}
	return n
}

// chance is a source of random numbers. Servers that act by themselves may draw from
// it too.
func chance(seed uint64) *rand.Rand {
	return rand.New(&lockedSource{source: rand.NewPCG(seed, 1)})
}

type lockedSource struct {
	mu     sync.Mutex
	source rand.Source
}

func (s *lockedSource) Uint64() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.source.Uint64()
}

// input is a partition of a topic of show.
func input(a message.Action, p domain.Partition) port.Input { return inputOf(show, a, p) }

func inputOf(event domain.EventID, a message.Action, p domain.Partition) port.Input {
	return port.Input{Event: event, Action: a, Partition: p, TopicID: event.String() + "-" + a.String()}
}

// command puts a command on its topic.
func (w *world) command(m message.Message) {
	w.topics.put(port.Delivery{Input: input(m.Action(), 0), Envelope: message.Envelope{Body: m}})
}

// node is a server, with what survives it: its store, and what it has told. Its
// part of show is embedded, for tests with one event.
type node struct {
	*reservation.Server
	*served
	world   *world
	name    string
	number  int
	lives   int // how often it was started
	store   *memory.SeatStore
	told    *memory.Publisher
	letters *memory.DeadLetters
	deps    func(*reservation.Deps) // changes what the server is made of; may be nil
	nonce   uint64
	meter   memory.SeatMeter
	view    *memory.Wakes // of what is awake

	cancel  context.CancelFunc
	ended   chan error
	failure error // of the last Run

	mu     sync.Mutex
	events map[domain.EventID]*served
}

// served is the part of a node that belongs to one event.
type served struct {
	node    *node
	event   domain.EventID
	member  *member                   // nil while it is in no group
	lost    bool                      // the server reported that it lost ownership
	follows atomic.Pointer[following] // nil while the server does not follow the journal
}

// following is the journal of an event as a node reads it: as far as the test lets
// it.
type following struct {
	reader port.JournalReader
	next   map[domain.Partition]int64
	broken chan error // ends Follow
}

// tap is the journal of a node.
type tap struct {
	*memory.Journal
	node *node
}

func (t tap) Follow(ctx context.Context, event domain.EventID, _ string, from map[domain.Partition]int64, reader port.JournalReader) error {
	e := t.node.of(event)
	f := &following{reader, from, make(chan error, 1)}
	e.follows.Store(f)
	select {
	case err := <-f.broken:
		e.follows.Store(nil)
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// newNode starts a server.
func (w *world) newNode(number int) *node {
	n := w.idleNode(number)
	n.start()
	return n
}

// idleNode is a node whose server was not started yet.
func (w *world) idleNode(number int) *node {
	n := &node{world: w, number: number, name: fmt.Sprintf("s%d", number+1), store: memory.NewSeatStore(), told: &memory.Publisher{},
		letters: &memory.DeadLetters{}, nonce: uint64(number+1) << 32, events: map[domain.EventID]*served{}}
	n.served = n.of(show)
	return n
}

// of returns the part of the node that belongs to an event.
func (n *node) of(event domain.EventID) *served {
	n.mu.Lock()
	defer n.mu.Unlock()
	e, ok := n.events[event]
	if !ok {
		e = &served{node: n, event: event}
		n.events[event] = e
	}
	return e
}

// all returns the parts of the node in the order of their events.
func (n *node) all() []*served {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.SortedFunc(maps.Values(n.events), func(a, b *served) int { return cmp.Compare(a.event, b.event) })
}

// start gives a node a server with empty memory, as a new process has. One that runs
// is killed.
func (n *node) start() {
	n.kill()
	n.lives++
	// No two servers have timers at the same instant: their order would not be
	// repeated.
	time.Sleep(time.Duration((n.number+1001-time.Now().Nanosecond()/1000%1000)%1000) * time.Microsecond)
	n.view = memory.NewWakes(n.world.wakes, n.world.catalogue, message.SeatReservation, time.Hour)
	deps := reservation.Deps{Journal: tap{n.world.journal, n}, Seats: n.store, Publisher: n.told, DeadLetters: n.letters, Catalogue: n.world.catalogue,
		Wakes: n.view,
		Feed:  noFeed{}, Meter: &n.meter, ServerID: n.name, Now: time.Now, Nonce: func() uint64 { n.nonce++; return n.nonce },
		Log: slog.New(slog.DiscardHandler)}
	if n.deps != nil {
		n.deps(&deps)
	}
	n.Server, n.failure = reservation.NewServer(deps), nil
	ctx, cancel := context.WithCancel(context.Background())
	n.cancel, n.ended = cancel, make(chan error, 1)
	go func(s *reservation.Server, ended chan error) { ended <- s.Run(ctx) }(n.Server, n.ended)
	synctest.Wait()
}

// kill ends the server. What it had in memory is gone.
func (n *node) kill() {
	if n.ended == nil {
		return
	}
	n.cancel()
	n.failure = <-n.ended
	n.ended = nil
	for _, e := range n.all() {
		e.follows.Store(nil)
		e.lost = false
		if e.member != nil {
			e.member.cancel()
			e.member = nil
		}
	}
}

// failed reports whether the server has ended by itself.
func (n *node) failed() bool {
	synctest.Wait()
	if n.ended != nil && len(n.ended) == 0 {
		return false
	}
	n.kill()
	return true
}

// attend waits until all goroutines are blocked, and ends memberships that are lost.
func (n *node) attend() {
	synctest.Wait()
	n.hear()
	for _, e := range n.all() {
		if e.member == nil {
			continue
		}
		select {
		case <-e.member.done:
			if e.lost || e.member.err != nil {
				e.leave()
			}
		default:
		}
	}
}

// hear takes what the server reports as lost.
func (n *node) hear() {
	for {
		select {
		case id := <-n.OwnershipLost():
			n.of(id).lost = true
		default:
			return
		}
	}
}

// member is a membership in the group of an event, as adapter/kafkabus has one.
type member struct {
	inputs []port.Input
	cancel context.CancelFunc
	done   chan struct{} // Assigned has returned
	next   map[port.Input]int64
	err    error
}

// join gives a node all partitions. Another node that has them is not told.
func (e *served) join() {
	e.leave()
	n := e.node
	n.hear()
	e.lost = false // a loss of an earlier membership says nothing about this one
	ends := map[port.Input]int64{}
	m := &member{done: make(chan struct{})}
	for _, a := range message.Inbound(message.SeatReservation) {
		for p := range domain.Partition(n.world.sections) {
			i := inputOf(e.event, a, p)
			m.inputs = append(m.inputs, i)
			ends[i] = n.world.topics.end(i)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel, e.member = cancel, m
	go func(s *reservation.Server) {
		defer close(m.done)
		m.next, m.err = s.Assigned(ctx, e.event, ends)
	}(n.Server)
	n.attend()
}

// leave ends the membership in order.
func (e *served) leave() {
	if e.member == nil {
		return
	}
	m := e.member
	e.member = nil
	m.cancel()
	<-m.done
	e.node.Revoked(e.event, m.inputs)
}

// joined reports whether commands can be delivered.
func (e *served) joined() bool {
	e.node.attend()
	if e.member == nil {
		return false
	}
	select {
	case <-e.member.done:
		return true
	default:
		return false
	}
}

// read lets a node read up to k entries of a partition of the journal.
func (e *served) read(p domain.Partition, k int) bool {
	f := e.follows.Load()
	if f == nil {
		return false
	}
	w := e.node.world
	from := f.next[p]
	to := min(from+int64(k), w.journal.End(e.event, p))
	if from >= to {
		return false
	}
	var entries []journal.Entry
	if err := w.journal.Range(context.Background(), e.event, p, from, to, func(r journal.Entry) { entries = append(entries, r) }); err != nil {
		panic(err)
	}
	f.next[p] = to
	f.reader.Read(e.event, p, entries)
	e.node.attend()
	return true
}

// readAll lets a node read to the end.
func (e *served) readAll() (some bool) {
	for p := range domain.Partition(e.node.world.sections) {
		for e.read(p, 1000) {
			some = true
		}
	}
	return some
}

// deliver hands the next command of a topic to a node. A node that refuses it has
// lost its membership.
func (e *served) deliver(a message.Action, p domain.Partition) bool {
	if !e.joined() {
		return false
	}
	i := inputOf(e.event, a, p)
	log := e.node.world.topics.read(i)
	next, given := e.member.next[i]
	if !given || next >= int64(len(log)) {
		return false
	}
	if err := e.node.Deliver(context.Background(), e.event, log[next:next+1]); err != nil {
		e.leave()
		return true
	}
	e.member.next[i]++
	e.node.attend()
	return true
}

// take joins and reads the claim.
func (n *node) take() {
	n.join()
	n.readAll()
}

// owns reports whether the node believes that it owns partitions.
func (n *node) owns() bool {
	owned, err := n.Owned(context.Background())
	if err != nil {
		return false
	}
	return owned[show] > 0
}

// settle lets the first node claim, decide and read until nothing is left.
func (w *world) settle() {
	for _, n := range w.servers {
		if n.failed() {
			n.start()
		}
		n.readAll()
	}
	n := w.servers[0]
	for range 10_000 {
		if n.failed() {
			n.start()
		}
		if !n.joined() {
			n.join()
		}
		moved := n.readAll()
		for a := range message.Actions {
			moved = n.deliver(a, 0) || moved
		}
		if !moved && n.joined() {
			break
		}
	}
	for _, n := range w.servers {
		n.readAll()
	}
	pass(time.Second) // what was not acknowledged is sent again
}

// pass lets time pass. Servers do what they do by themselves.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func booking(n int) domain.BookingID { return domain.BookingID{15: byte(n), 14: byte(n >> 8), 0: 1} }

func request(n, quantity int) message.TicketReservedRequest {
	return message.TicketReservedRequest{EventID: show, BookingID: booking(n), BuyerID: domain.UserID(n), Section: stalls,
		Mode: message.BestAvailable, Quantity: quantity, AllowPartial: true, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}}
}
