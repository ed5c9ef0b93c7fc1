package reservation

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

const (
	show     = domain.EventID(1)
	topicID  = "journal-1"
	stalls   = "A"
	rows     = 3
	rowSeats = 4
)

// world is one partition with its commands, its journal, and servers that
// share nothing else. One goroutine moves all of it, so a seed repeats a run.
type world struct {
	rng      *rand.Rand
	journal  *memory.Journal
	commands map[message.Action][]message.Message
	servers  []*node
	accept   func(*journal.Fold, journal.Entry) bool
}

// node is a server with what survives it: its store, and what it has told.
type node struct {
	*Server
	name    string
	store   *memory.SeatStore
	told    *memory.Publisher
	letters *memory.DeadLetters
	nonce   uint64
	meter   memory.SeatMeter
}

func newWorld(seed uint64, servers int) *world {
	w := &world{rng: rand.New(rand.NewPCG(seed, 1)), journal: memory.NewJournal(),
		commands: map[message.Action][]message.Message{}, accept: (*journal.Fold).Accept}
	for i := range servers {
		n := &node{name: fmt.Sprintf("s%d", i+1), store: memory.NewSeatStore(), told: &memory.Publisher{}, letters: &memory.DeadLetters{},
			nonce: uint64(i+1) << 32}
		w.servers = append(w.servers, n)
	}
	w.command(message.InitializeSeats{EventID: show, Layout: seating.SectionLayout{Name: stalls,
		Subsections: []seating.Subsection{seating.Regular(1, rows, rowSeats)}}})
	return w
}

// start gives a node a server with empty memory, as a new process has.
func (w *world) start(n *node) {
	n.Server = NewServer(Deps{Feed: &memory.SeatFeed{}, Meter: &n.meter, Journal: w.journal, Seats: n.store, Publisher: n.told, DeadLetters: n.letters, ServerID: n.name,
		Now:   func() time.Time { return time.Unix(1_800_000_000, 0) },
		Nonce: func() uint64 { n.nonce++; return n.nonce },
		Log:   slog.New(slog.NewTextHandler(io.Discard, nil))})
	n.accept = w.accept
	n.ctx = context.Background()
	n.stop = func(error) {}
	n.spawn = func(f func()) { f() }
	e := &event{}
	n.events[show] = e
	for p := range e.lanes {
		l, err := n.load(catalogue(), domain.Partition(p))
		if err != nil {
			panic(err)
		}
		e.lanes[p] = l
	}
}

// withoutEpoch is the fold rule without the check of the epoch: what it leads to
// has to be found.
func withoutEpoch(f *journal.Fold, e journal.Entry) bool {
	f.Next = e.Offset + 1
	if e.Record.Kind == journal.Claimed {
		return f.Accept(e)
	}
	return f.Claimed
}

func (w *world) command(m message.Message) {
	w.commands[m.Action()] = append(w.commands[m.Action()], m)
}

func (n *node) lane() *lane { return n.events[show].lanes[0] }

// claim makes a node believe that it owns the partition.
func (w *world) claim(n *node) {
	n.lane().claim(int64(len(w.commands[message.SeatInitialization])))
	n.mail.drain()
}

// read lets a node read up to k entries.
func (w *world) read(n *node, k int) bool { return w.readOf(n, 0, k) }

func (w *world) readOf(n *node, p domain.Partition, k int) bool {
	l := n.events[show].lanes[p]
	to := min(l.fold.Next+int64(k), w.journal.End(show, p))
	if l.fold.Next >= to {
		return false
	}
	var entries []journal.Entry
	if err := w.journal.Range(n.ctx, show, p, l.fold.Next, to, func(e journal.Entry) { entries = append(entries, e) }); err != nil {
		panic(err)
	}
	l.read(entries)
	for n.mail.drain() {
	}
	return true
}

// deliver hands the next command of an action to a node that owns.
func (w *world) deliver(n *node, a message.Action) bool {
	next, owns := n.next(0, a)
	if !owns || next >= int64(len(w.commands[a])) {
		return false
	}
	m := w.commands[a][next]
	n.take(0, port.Delivery{Input: port.Input{Event: show, Action: a, TopicID: a.String()}, Offset: next, Envelope: message.Envelope{Body: m}})
	return true
}

// next is where an owner goes on in a topic; false if it does not own.
func (n *node) next(p domain.Partition, a message.Action) (int64, bool) {
	own := n.events[show].lanes[p].own
	if own == nil || !own.claimed || own.working == nil {
		return 0, false
	}
	return own.working.Positions[a].Next + int64(parkedOf(own, a)), true
}

// take hands a command to an owner.
func (n *node) take(p domain.Partition, d port.Delivery) {
	if err := n.events[show].lanes[p].deliver(d); err != nil {
		n.trouble(show, err)
	}
	for n.mail.drain() {
	}
}

func parkedOf(own *ownership, a message.Action) (n int) {
	for _, d := range own.parked {
		if d.Input.Action == a {
			n++
		}
	}
	return n
}

// settle lets one server at a time finish: claim, read, decide, read.
func (w *world) settle() {
	for _, n := range w.servers {
		for w.read(n, 1000) {
		}
	}
	n := w.servers[0]
	w.claim(n)
	for w.read(n, 1000) {
	}
	for range 10_000 {
		moved := false
		for a := range message.Actions {
			moved = w.deliver(n, a) || moved
		}
		for w.read(n, 1000) {
			moved = true
		}
		if !moved {
			break
		}
	}
	for _, n := range w.servers {
		for w.read(n, 1000) {
		}
	}
}

func booking(n int) domain.BookingID { return domain.BookingID{15: byte(n), 14: byte(n >> 8), 0: 1} }

func request(n, quantity int) message.TicketReservedRequest {
	return message.TicketReservedRequest{EventID: show, BookingID: booking(n), BuyerID: domain.UserID(n), Section: stalls,
		Mode: message.BestAvailable, Quantity: quantity, AllowPartial: true, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}}
}
