package reservation_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing/synctest"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// network carries records to the journal and messages to the topics. Records of one
// sender to one partition arrive in order. The seed may let them wait, lose or
// double them, and let their acknowledgements wait or never come.
type network struct {
	*faults
	rng *rand.Rand

	mu    sync.Mutex
	lanes map[string]*lane
	acks  []ack
	// stragglers are the second copies of records that are doubled. Most arrive long
	// after the first.
	stragglers []*flight
}

// lane is the way from a sender to a partition.
type lane struct {
	sender string
	sent   int
	queue  []*flight // of which none has arrived
}

// flight is a record under way.
type flight struct {
	land   func()
	done   func(error) // nil: the sender was killed
	ack    string      // identifies the acknowledgement
	sender string
	orphan kind

	copies int
	err    error
	late   bool
	report reporting
}

// ack is an acknowledgement that waits.
type ack struct {
	key    string
	sender string
	report func()
}

// reporting is when a sender hears of a flight that has arrived.
type reporting int

const (
	atOnce reporting = iota
	later
	never
)

func newNetwork(f *faults, rng *rand.Rand) *network {
	return &network{faults: f, rng: rng, lanes: map[string]*lane{}}
}

// how often something happens to a record, one in so many
const (
	oneInFails = 50
	oneInLate  = 12
	oneInAck   = 15
)

// perils are what may happen to a record.
type perils struct{ lost, unknown, doubled, forgotten, late, orphan kind }

var (
	ofRecords  = perils{recordLost, recordUnknown, recordDoubled, recordForgotten, recordLate, recordOrphaned}
	ofMessages = perils{messageLost, messageUnknown, messageDoubled, "", messageLate, messageOrphaned}
)

// send gives a record a fate and lets it arrive, now or later. The second copy of a
// record that is doubled arrives later, out of order.
func (n *network) send(sender, to string, land func(), done func(error), of perils) {
	key := sender + " to " + to
	f := &flight{land: land, done: done, sender: sender, copies: 1, orphan: of.orphan}
	if !n.isPerfect() {
		switch n.fate(key, oneInFails, of.lost, of.unknown, of.doubled) {
		case of.lost:
			f.copies, f.err = 0, errFault
		case of.unknown:
			f.err = errFault
		case of.doubled:
			n.mu.Lock()
			n.stragglers = append(n.stragglers, &flight{land: land, done: func(error) {}, ack: key, copies: 1})
			slices.SortStableFunc(n.stragglers, func(a, b *flight) int { return strings.Compare(a.ack, b.ack) })
			n.mu.Unlock()
		}
		f.late = n.fate(key+" late", oneInLate, of.late) != ""
		switch {
		case of.forgotten != "" && f.err != nil && f.copies == 0 && n.draw(key+" forgotten").IntN(2) == 0:
			n.count(of.forgotten)
			f.report = never
		case n.draw(key+" acknowledged").IntN(oneInAck) > 0:
		case f.err == nil && n.draw(key+" never").IntN(3) == 0:
			f.report = never // the port promises a report of every failure
		default:
			f.report = later
		}
	}
	n.mu.Lock()
	l := n.lanes[key]
	if l == nil {
		l = &lane{sender: sender}
		n.lanes[key] = l
	}
	l.sent++
	f.ack = fmt.Sprintf("%s %9d", key, l.sent)
	wait := f.late || len(l.queue) > 0
	if wait {
		l.queue = append(l.queue, f)
	}
	n.mu.Unlock()
	if !wait {
		n.arrive(f)
	}
}

// straggle lets one second copy arrive.
func (n *network) straggle() {
	n.mu.Lock()
	if len(n.stragglers) == 0 {
		n.mu.Unlock()
		return
	}
	i := n.rng.IntN(len(n.stragglers))
	f := n.stragglers[i]
	n.stragglers = slices.Delete(n.stragglers, i, i+1)
	n.mu.Unlock()
	n.arrive(f)
}

func (n *network) arrive(f *flight) {
	for range f.copies {
		f.land()
	}
	if f.done == nil {
		if f.copies > 0 {
			n.count(f.orphan)
		}
		return
	}
	report := func() { f.done(f.err) }
	switch {
	case f.report == atOnce || n.isPerfect():
		report()
	case f.report == never:
		n.count(ackMissing)
	default:
		n.count(ackLate)
		n.mu.Lock()
		defer n.mu.Unlock()
		n.acks = append(n.acks, ack{f.ack, f.sender, report})
	}
}

// land lets some records of one lane arrive.
func (n *network) land() {
	n.mu.Lock()
	var waiting []string
	for key, l := range n.lanes {
		if len(l.queue) > 0 {
			waiting = append(waiting, key)
		}
	}
	if len(waiting) == 0 {
		n.mu.Unlock()
		return
	}
	slices.Sort(waiting)
	l := n.lanes[waiting[n.rng.IntN(len(waiting))]]
	some := l.queue[:1+n.rng.IntN(len(l.queue))]
	l.queue = l.queue[len(some):]
	n.mu.Unlock()
	for _, f := range some {
		n.arrive(f)
	}
}

// acknowledge reports one arrival that was kept back.
func (n *network) acknowledge() {
	n.mu.Lock()
	if len(n.acks) == 0 {
		n.mu.Unlock()
		return
	}
	slices.SortStableFunc(n.acks, func(a, b ack) int { return strings.Compare(a.key, b.key) })
	i := n.rng.IntN(len(n.acks))
	a := n.acks[i]
	n.acks = slices.Delete(n.acks, i, i+1)
	n.mu.Unlock()
	a.report()
}

// drop is the death of a sender: what it sent may still arrive or not, and it hears
// of nothing.
func (n *network) drop(sender string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(n.lanes)) {
		l := n.lanes[key]
		if l.sender != sender {
			continue
		}
		l.queue = l.queue[:n.rng.IntN(len(l.queue)+1)]
		for _, f := range l.queue {
			f.done = nil
		}
	}
	n.acks = slices.DeleteFunc(n.acks, func(a ack) bool { return a.sender == sender })
}

// flush lets everything arrive.
func (n *network) flush() {
	n.mu.Lock()
	var all []*flight
	for _, key := range slices.Sorted(maps.Keys(n.lanes)) {
		all = append(all, n.lanes[key].queue...)
		n.lanes[key].queue = nil
	}
	all = append(all, n.stragglers...)
	acks := n.acks
	n.acks, n.stragglers = nil, nil
	n.mu.Unlock()
	for _, f := range all {
		n.arrive(f)
		synctest.Wait()
	}
	slices.SortStableFunc(acks, func(a, b ack) int { return strings.Compare(a.key, b.key) })
	for _, a := range acks {
		a.report()
		synctest.Wait()
	}
}

// bus is how one server reaches the topics. A reader of several topics finds
// messages in any order.
type bus struct {
	*sale
	sender string
}

var _ port.Publisher = bus{}

// Send queues a message.
func (b bus) Send(e message.Envelope, done func(error)) {
	in := inputOf(e.Body.Event(), e.Body.Action(), e.Partition)
	d := port.Delivery{Input: in, Envelope: e}
	if m, ok := e.Body.(message.TicketReservedRequest); ok && b.garbles(m.BookingID) {
		d = port.Delivery{Input: in, Poison: errors.New("a field of another version"), Raw: []byte("{}"), Booking: m.BookingID, Section: m.Section}
	}
	b.network.send(b.sender, fmt.Sprint(in.TopicID, e.Partition), func() { b.topics.put(d) }, done, ofMessages)
}

// garbles reports whether all requests of a booking are such that the seat owner
// cannot read them, but for booking and section.
func (b bus) garbles(id domain.BookingID) bool {
	is, known := b.garbled[id]
	if !known {
		is = b.fate("garbles "+id.String(), 30, garbled) != ""
		b.garbled[id] = is
	}
	return is
}

// wire is how one server reaches the journal.
type wire struct {
	tap
	sale   *sale
	sender string
}

var _ port.Journal = wire{}

// Append queues a record.
func (w wire) Append(event domain.EventID, p domain.Partition, r journal.Record, done func(error)) {
	of := ofRecords
	if r.Kind == journal.Checkpoint {
		of.forgotten = "" // no later record need follow, by which the owner would see the loss
	}
	w.sale.network.send(w.sender, fmt.Sprint("journal ", event, p), func() { w.tap.Append(event, p, r, func(error) {}) }, done, of)
}

func (w wire) unread(event domain.EventID, p domain.Partition) error {
	if w.sale.fate(fmt.Sprint(w.node.name, " reads journal ", event, p), 100, journalUnread) != "" {
		return errFault
	}
	return nil
}

// Range may fail.
func (w wire) Range(ctx context.Context, event domain.EventID, p domain.Partition, from, to int64, fn func(journal.Entry)) error {
	if err := w.unread(event, p); err != nil {
		return err
	}
	return w.tap.Range(ctx, event, p, from, to, fn)
}

// Ends may fail.
func (w wire) Ends(ctx context.Context, event domain.EventID) (map[domain.Partition]int64, error) {
	if err := w.unread(event, -1); err != nil {
		return nil, err
	}
	return w.tap.Ends(ctx, event)
}
