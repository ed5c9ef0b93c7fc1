package reservation_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/wake"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/rest"
)

// sleepAfter is how long events of a sale stay awake after they were last needed.
const sleepAfter = 10 * time.Second

// newView returns the view of a new server, which has read the log whole. The seed
// decides when it reads on.
func (s *sale) newView(c port.Catalogue, of message.Service) *memory.Wakes {
	v := memory.NewWakes(s.wakes, c, of, sleepAfter/2)
	v.Read(s.wakes.Len())
	v.Late = true
	return v
}

// sleepers adds what lets events fall asleep: a task of each service that has a
// store. Nodes have one each, see doze.
func (s *sale) sleepers() {
	bookings, tickets := s.newView(s.catalogue, message.BookingService), s.newView(s.catalogue, message.EventTicketing)
	s.views = append(s.views, bookings, tickets)
	s.background = append(s.background,
		&task{handler: rest.New(bookings, inputEnds{s, message.BookingService}, s.bookings, sleepAfter)},
		&task{handler: rest.New(tickets, inputEnds{s, message.EventTicketing}, s.tickets, sleepAfter)})
}

// inputEnds are the ends of what a service reads.
type inputEnds struct {
	*sale
	of message.Service
}

// InputEnds fails while a message of the event is under way: it arrives, or is lost,
// long before the event may fall asleep.
func (i inputEnds) InputEnds(_ context.Context, event domain.EventID) (map[port.Input]int64, error) {
	if i.network.carries(event.String() + "-") {
		return nil, errFault
	}
	ends := map[port.Input]int64{}
	for _, a := range message.Inbound(i.of) {
		for p := range domain.Partition(hallSections) {
			in := inputOf(event, a, p)
			ends[in] = i.topics.end(in)
		}
	}
	return ends, nil
}

// carries reports whether a record for topics that begin so is under way.
func (n *network) carries(topic string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	for _, f := range n.stragglers {
		if _, to, _ := strings.Cut(f.ack, " to "); strings.HasPrefix(to, topic) {
			return true
		}
	}
	for key, l := range n.lanes {
		if _, to, _ := strings.Cut(key, " to "); strings.HasPrefix(to, topic) && len(l.queue) > 0 {
			return true
		}
	}
	return false
}

// unsureWake loses a record of the log of wake-ups.
func (s *sale) unsureWake(r wake.Record) error {
	if s.fate(fmt.Sprint("wake-up of ", r.Event), 10, wakeLost) != "" {
		return errFault
	}
	return nil
}

// allViews returns what each server knows of the log.
func (s *sale) allViews() []*memory.Wakes {
	all := slices.Clone(s.views)
	for _, n := range s.servers {
		all = append(all, n.view)
	}
	for _, r := range s.readers {
		all = append(all, r.view)
	}
	return all
}

// unread reports whether a server that has this view reads nothing of an event: it
// sleeps, or was never woken.
func (s *sale) unread(v *memory.Wakes, id domain.EventID) bool {
	e, _ := s.catalogue.Known(id)
	return !e.HasTopics() || v.Asleep(id)
}

// hear lets one server read some of the log of wake-ups.
func (s *sale) hear() {
	views := s.allViews()
	views[s.rng.IntN(len(views))].Read(1 + s.rng.IntN(8))
	synctest.Wait()
	s.obey()
}

// hearAll lets every server read all of it, or some servers while things go wrong.
func (s *sale) hearAll() (moved bool) {
	for _, v := range s.allViews() {
		if !s.isPerfect() && s.rng.IntN(2) == 0 {
			continue
		}
		moved = v.Read(s.wakes.Len()) > 0 || moved
		synctest.Wait()
	}
	s.obey()
	return moved
}

// obey lets servers leave the groups of events that sleep, as far as they know, and
// notes what the log says.
func (s *sale) obey() {
	for _, n := range s.servers {
		for _, e := range n.all() {
			if e.member != nil && s.unread(n.view, e.event) {
				e.leave()
			}
		}
	}
	for _, r := range s.readers {
		for event := range domain.EventID(hallEvents) {
			if inputs := r.inputs(1 + event); s.unread(r.view, 1+event) {
				if _, member := r.next[inputs[0]]; member {
					r.inbox.Revoked(1+event, inputs)
				}
				for _, in := range inputs {
					delete(r.next, in)
				}
			}
		}
	}
	for event := range domain.EventID(hallEvents) {
		is := s.truth.Asleep(1 + event)
		switch {
		case is && !s.slept[1+event]:
			s.count(fellAsleep)
		case !is && s.slept[1+event]:
			s.count(woke)
		}
		s.slept[1+event] = is
	}
}

// doze lets a node look whether it may rest.
func (s *sale) doze(n *node) {
	r := rest.New(n.view, inputEnds{s, message.SeatReservation}, n.Server, sleepAfter)
	s.spawn(5*time.Second, func(ctx context.Context) { _ = r.Handle(ctx) })
}

// missing reports whether the reader has to join the group of an event that woke.
func (r *reader) missing() bool {
	for event := range domain.EventID(hallEvents) {
		if _, member := r.next[r.inputs(1 + event)[0]]; !member && !r.sale.unread(r.view, 1+event) {
			return true
		}
	}
	return false
}

// lull is a while in which few people come. Events may fall asleep, and wake for who
// comes all the same.
func (s *sale) lull() {
	s.count(lulls)
	s.network.flush()
	for _, n := range s.servers {
		for _, e := range n.all() {
			e.leave()
		}
	}
	s.ahead.Add(int64(saleWindow))
	s.owner = s.rng.IntN(2)
	wakes := s.rng.IntN(4)
	for range 60 {
		_, _ = s.round()
		for range 20 { // what is under way does not keep pace with the clock here
			for _, do := range []func(){s.network.land, s.network.straggle, s.network.acknowledge, func() { s.gate.release() }, func() { s.gateway.arrive() }} {
				do()
				synctest.Wait()
			}
		}
		pass(time.Duration(s.rng.IntN(1000)) * time.Millisecond)
		s.ahead.Add(int64(s.rng.IntN(20)) * int64(time.Second))
		switch {
		case s.slept[1] && s.slept[2] && wakes == 0:
			return
		case (s.slept[1] || s.slept[2]) && wakes > 0 && s.rng.IntN(2) == 0, s.rng.IntN(60) == 0:
			wakes--
			s.ask()
		case s.rng.IntN(10) == 0:
			s.killNode() // what is never acknowledged is not waited for again
		}
	}
}

// look lets every node read all events in their sleep.
func (s *sale) look() {
	for _, n := range s.servers {
		for _, e := range n.all() {
			n.Watch(e.event)
			pass(time.Second)
			s.readSome(e, 1000)
		}
	}
}

// fallAsleep waits until all events sleep. Nothing goes wrong any more, but some
// acknowledgements of before will never come: the owner begins anew.
func (s *sale) fallAsleep() error {
	for _, e := range s.servers[s.owner].all() {
		e.leave()
	}
	for range 60 {
		if _, err := s.round(); err != nil {
			return err
		}
		pass(time.Second)
		if s.hearAll(); len(s.slept) == hallEvents && s.slept[1] && s.slept[2] {
			s.look()
			return nil
		}
	}
	return fmt.Errorf("not all events fall asleep: %v, %s", s.slept, s.trail())
}
