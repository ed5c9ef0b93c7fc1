package reservation_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"sync"
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

// world is one event: its command topics, its journal, and servers that share
// nothing else. It lives in a bubble of testing/synctest. The test moves all of it,
// one thing at a time, and waits until everything is at rest again: so a seed
// repeats a run, although each server is a real one with its goroutines.
type world struct {
	rng       *rand.Rand
	journal   *memory.Journal
	catalogue *memory.Catalogue
	topics    *logs
	sections  int // on partitions 0, 1, …
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
	w := &world{rng: chance(seed), journal: memory.NewJournal(), catalogue: memory.NewCatalogue(), topics: newLogs(), sections: 1}
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

// stop ends all servers.
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
	action    message.Action
	partition domain.Partition
}

func newLogs() *logs { return &logs{of: map[topicPlace][]port.Delivery{}} }

func (l *logs) put(d port.Delivery) {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := topicPlace{d.Input.Action, d.Input.Partition}
	d.Offset = int64(len(l.of[at]))
	l.of[at] = append(l.of[at], d)
}

func (l *logs) read(a message.Action, p domain.Partition) []port.Delivery {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.of[topicPlace{a, p}]
}

func (l *logs) end(a message.Action, p domain.Partition) int64 { return int64(len(l.read(a, p))) }

// chance is a source of chance by a seed. Servers that act by themselves draw from
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

func input(a message.Action, p domain.Partition) port.Input {
	return port.Input{Event: show, Action: a, Partition: p, TopicID: a.String()}
}

// command puts a command on its topic.
func (w *world) command(m message.Message) {
	w.topics.put(port.Delivery{Input: input(m.Action(), 0), Envelope: message.Envelope{Body: m}})
}

// node is a server, with what survives it: its store, and what it has told.
type node struct {
	*reservation.Server
	world   *world
	name    string
	number  int
	store   *memory.SeatStore
	told    *memory.Publisher
	letters *memory.DeadLetters
	deps    func(*reservation.Deps) // what a test has instead; may be nil
	nonce   uint64
	meter   memory.SeatMeter

	cancel  context.CancelFunc
	ended   chan error
	failure error // of the last Run
	follows *following
	member  *member
}

// following is the journal as a node reads it: as far as the test lets it.
type following struct {
	reader port.JournalReader
	next   map[domain.Partition]int64
}

// tap is the journal of a node.
type tap struct {
	*memory.Journal
	node *node
}

func (t tap) Follow(ctx context.Context, _ domain.EventID, _ string, from map[domain.Partition]int64, reader port.JournalReader) error {
	t.node.follows = &following{reader, from}
	<-ctx.Done()
	return ctx.Err()
}

// newNode starts a server.
func (w *world) newNode(number int) *node {
	n := &node{world: w, number: number, name: fmt.Sprintf("s%d", number+1), store: memory.NewSeatStore(), told: &memory.Publisher{},
		letters: &memory.DeadLetters{}, nonce: uint64(number+1) << 32}
	n.start()
	return n
}

// start gives a node a server with empty memory, as a new process has. One that runs
// is killed.
func (n *node) start() {
	n.kill()
	// No two servers have timers at the same instant, or chance would decide which
	// is first.
	time.Sleep(time.Duration((n.number+1001-time.Now().Nanosecond()/1000%1000)%1000) * time.Microsecond)
	deps := reservation.Deps{Journal: tap{n.world.journal, n}, Seats: n.store, Publisher: n.told, DeadLetters: n.letters, Catalogue: n.world.catalogue,
		Feed: noFeed{}, Meter: &n.meter, ServerID: n.name, Now: time.Now, Nonce: func() uint64 { n.nonce++; return n.nonce },
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}
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
	n.ended, n.follows = nil, nil
	if n.member != nil {
		n.member.cancel()
		n.member = nil
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

// member is a membership in the group of the event, as adapter/kafkabus has one.
type member struct {
	inputs []port.Input
	cancel context.CancelFunc
	done   chan struct{} // Assigned has returned
	next   map[port.Input]int64
	err    error
}

// join gives a node all partitions. Another node that has them is not told.
func (n *node) join() {
	n.leave()
	select { // a loss of an earlier membership says nothing about this one
	case <-n.OwnershipLost():
	default:
	}
	ends := map[port.Input]int64{}
	m := &member{done: make(chan struct{})}
	for _, a := range message.Inbound(message.SeatReservation) {
		for p := range domain.Partition(n.world.sections) {
			m.inputs = append(m.inputs, input(a, p))
			ends[input(a, p)] = n.world.topics.end(a, p)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	m.cancel, n.member = cancel, m
	go func(s *reservation.Server) {
		defer close(m.done)
		m.next, m.err = s.Assigned(ctx, show, ends)
	}(n.Server)
	n.attend()
}

// leave ends the membership in order.
func (n *node) leave() {
	if n.member == nil {
		return
	}
	m := n.member
	n.member = nil
	m.cancel()
	<-m.done
	n.Revoked(show, m.inputs)
}

// attend waits until everything is at rest, and ends a membership that is lost.
func (n *node) attend() {
	synctest.Wait()
	if n.member == nil {
		return
	}
	select {
	case <-n.member.done:
	default:
		return
	}
	select {
	case <-n.OwnershipLost():
		n.leave()
	default:
		if n.member.err != nil {
			n.leave()
		}
	}
}

// joined reports whether commands can be delivered.
func (n *node) joined() bool {
	n.attend()
	if n.member == nil {
		return false
	}
	select {
	case <-n.member.done:
		return true
	default:
		return false
	}
}

// read lets a node read up to k entries of a partition of the journal.
func (n *node) read(p domain.Partition, k int) bool {
	if n.follows == nil {
		return false
	}
	from := n.follows.next[p]
	to := min(from+int64(k), n.world.journal.End(show, p))
	if from >= to {
		return false
	}
	var entries []journal.Entry
	if err := n.world.journal.Range(context.Background(), show, p, from, to, func(e journal.Entry) { entries = append(entries, e) }); err != nil {
		panic(err)
	}
	n.follows.next[p] = to
	n.follows.reader.Read(show, p, entries)
	n.attend()
	return true
}

// readAll lets a node read to the end.
func (n *node) readAll() (some bool) {
	for p := range domain.Partition(n.world.sections) {
		for n.read(p, 1000) {
			some = true
		}
	}
	return some
}

// deliver hands the next command of a topic to a node. A node that refuses it has
// lost its membership.
func (n *node) deliver(a message.Action, p domain.Partition) bool {
	if !n.joined() {
		return false
	}
	log, next := n.world.topics.read(a, p), n.member.next[input(a, p)]
	if next >= int64(len(log)) {
		return false
	}
	if err := n.Deliver(context.Background(), show, log[next:next+1]); err != nil {
		n.leave()
		return true
	}
	n.member.next[input(a, p)]++
	n.attend()
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

// settle lets the first node finish everything: claim, decide, read.
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

// pass lets time pass: servers do what they do by themselves.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func booking(n int) domain.BookingID { return domain.BookingID{15: byte(n), 14: byte(n >> 8), 0: 1} }

func request(n, quantity int) message.TicketReservedRequest {
	return message.TicketReservedRequest{EventID: show, BookingID: booking(n), BuyerID: domain.UserID(n), Section: stalls,
		Mode: message.BestAvailable, Quantity: quantity, AllowPartial: true, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}}
}
