package reservation_test

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	bookings "github.com/onsale-tickets/onsale/usecase/booking"
)

const (
	moves    = 600 // of a run
	requests = 40  // of a run, at most: more than there are seats
	resting  = 25  // minutes without an event before a run ends: longer than a payment window
)

// simulate runs a sale by a seed until everything is at rest, and hands it to check.
func simulate(t *testing.T, seed uint64, check func(*sale)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSale(seed)
		defer s.stop()
		for range moves {
			s.move()
		}
		s.rest()
		check(s)
	})
}

// move does one thing, by chance.
func (s *sale) move() {
	pass(time.Duration(1+s.rng.IntN(400)) * time.Millisecond)
	n, r := s.servers[s.rng.IntN(len(s.servers))], s.readers[s.rng.IntN(len(s.readers))]
	switch k := s.rng.IntN(100); {
	case k < 12:
		s.ask()
	case k < 14:
		b := s.some()
		_, _ = s.cancel.Handle(s.ctx, b.BuyerID, b.ID)
	case k < 24:
		card := rules.Card{Token: "tok_ok"}
		if s.rng.IntN(4) == 0 {
			card.Token = declines
		}
		b := s.some()
		_, _ = s.pay.Handle(s.ctx, bookings.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: card})
	case k < 34:
		_ = s.background[s.rng.IntN(len(s.background))].Handle(s.ctx)
	case k < 35:
		if s.rng.IntN(8) == 0 {
			s.jump()
		}
	case k < 36:
		s.spoil()
	case k < 40:
		if !n.joined() || s.rng.IntN(4) == 0 {
			n.join() // the other server may go on believing that it owns
		}
	case k < 41:
		n.leave()
	case k < 42:
		n.start() // kill -9: memory is gone, the store is not
	case k < 62:
		s.read(n, 1+s.rng.IntN(4))
	case k < 80:
		s.command(n)
	case k < 83:
		r.join()
	case k < 84:
		r.crash()
	default:
		r.deliver(1 + s.rng.IntN(3))
	}
	s.revive()
}

// ask sends a buyer's request, or repeats one.
func (s *sale) ask() {
	if len(s.asked) > 0 && (len(s.asked) == requests || s.rng.IntN(5) == 0) {
		_, _ = s.accept.Handle(s.ctx, s.asked[s.rng.IntN(len(s.asked))])
		return
	}
	one, quantity, partial := 1, 1+s.rng.IntN(4), s.rng.IntN(2) == 0
	w := bookings.BookingRequest{BuyerID: domain.UserID(1 + s.rng.IntN(9)), EventID: show, Key: port.IdempotencyKey{Key: strconv.Itoa(len(s.asked))},
		Request: rules.Request{Section: string(rune('A' + s.rng.IntN(hallSections))), AllowPartial: &partial}}
	if s.rng.IntN(2) == 0 {
		w.Mode, w.Quantity = string(message.BestAvailable), &quantity
	} else {
		w.Mode, w.Subsection = string(message.Manual), &one
		row, seat := 1+s.rng.IntN(rows), 1+s.rng.IntN(rowSeats-1)
		w.Positions = []string{fmt.Sprintf("%d-%d", row, seat), fmt.Sprintf("%d-%d", row, seat+1)}
	}
	s.asked = append(s.asked, w)
	_, _ = s.accept.Handle(s.ctx, w)
}

// some returns a booking: usually one that waits for payment, sometimes one that does
// not exist yet.
func (s *sale) some() rules.Booking {
	all, _ := s.bookings.AllBookings(s.ctx)
	pending := slices.DeleteFunc(all, func(b rules.Booking) bool { return b.Status != rules.PendingPayment })
	if len(pending) > 0 && s.rng.IntN(4) > 0 {
		return pending[s.rng.IntN(len(pending))]
	}
	id := booking(1 + s.rng.IntN(s.ids+1))
	b, err := s.bookings.Booking(s.ctx, id)
	if err != nil {
		b.ID = id
	}
	return b
}

// jump moves the clocks: the stores' clock forward, the services' clocks anywhere.
func (s *sale) jump() {
	s.ahead.Add(int64(time.Duration(s.rng.IntN(20)) * time.Minute))
	s.skew = time.Duration(s.rng.IntN(7200)-3600) * time.Second
}

// spoil puts an unreadable record among the requests. Its booking may be readable,
// and may be decided already.
func (s *sale) spoil() {
	d := port.Delivery{Input: input(message.TicketReserving, 0), Poison: errors.New("no JSON"), Raw: []byte("{")}
	if all, _ := s.bookings.AllBookings(s.ctx); len(all) > 0 {
		if b := all[s.rng.IntN(len(all))]; b.Section == "A" {
			d.Booking, d.Section = b.ID, b.Section
		}
	}
	s.topics.put(d)
}

// revive starts servers that ended by themselves.
func (s *sale) revive() {
	for _, n := range s.servers {
		if n.failed() {
			n.start()
		}
	}
}

// read lets a server read up to k entries of each journal.
func (s *sale) read(n *node, k int) (some bool) {
	for p := range domain.Partition(hallSections) {
		some = n.read(p, k) || some
	}
	return some
}

// command hands the next command of some topic to a server that owns.
func (s *sale) command(n *node) bool {
	actions := message.Inbound(message.SeatReservation)
	for _, i := range s.rng.Perm(len(actions)) {
		for p := range domain.Partition(hallSections) {
			if n.deliver(actions[i], p) {
				return true
			}
		}
	}
	return false
}

// rest runs until nothing moves any more. There are no faults, and one server of each
// service does the work.
func (s *sale) rest() {
	s.perfect.Store(true)
	s.servers[1].leave()
	_ = s.bookings.AllDue(s.ctx)
	for idle := 0; idle < resting; idle++ {
		s.ahead.Add(int64(time.Minute))
		before := s.size()
		for s.round() {
		}
		if s.size() != before {
			idle = 0
		}
	}
}

// round reports whether something moved.
func (s *sale) round() (moved bool) {
	owner := s.servers[0]
	for _, h := range s.background {
		if err := h.Handle(s.ctx); err != nil {
			panic(err) // there are no faults any more
		}
	}
	s.revive()
	for _, n := range s.servers {
		for s.read(n, 1000) {
			moved = true
		}
	}
	if !owner.joined() {
		owner.join()
		return true
	}
	for s.command(owner) {
		moved = true
	}
	for _, r := range s.readers[:2] {
		if r.next == nil {
			r.join()
		}
		moved = r.deliver(100) || moved
	}
	if !moved {
		before := s.size()
		pass(time.Second) // a checkpoint, and what was not acknowledged
		moved = s.size() != before
	}
	return moved
}

// size is the number of records in all logs.
func (s *sale) size() (n int64) {
	for _, log := range s.topics.of {
		n += int64(len(log))
	}
	for p := range domain.Partition(hallSections) {
		n += s.journal.End(show, p)
	}
	return n
}

// seeds returns the first seed and the number of runs. ONSALE_SEEDS sets them:
// "5000", or "17+1" for one run.
func seeds(t *testing.T, usual uint64) (from, n uint64) {
	wish := os.Getenv("ONSALE_SEEDS")
	if wish == "" {
		return 0, usual
	}
	first, many, both := strings.Cut(wish, "+")
	if !both {
		first, many = "0", first
	}
	from, err := strconv.ParseUint(first, 10, 64)
	if err == nil {
		n, err = strconv.ParseUint(many, 10, 64)
	}
	if err != nil {
		t.Fatalf("ONSALE_SEEDS is %q: %v", wish, err)
	}
	return from, n
}

func TestSimulation(t *testing.T) {
	from, n := seeds(t, 100)
	var next, bad atomic.Uint64
	var mu sync.Mutex
	ends := map[rules.Status]int{}
	count := func(s rules.Status) {
		mu.Lock()
		defer mu.Unlock()
		ends[s]++
	}
	began := time.Now()
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				seed := from + next.Add(1) - 1
				if seed >= from+n || bad.Load() > 3 {
					return
				}
				simulate(t, seed, func(s *sale) {
					if found := s.found(); len(found) > 0 {
						bad.Add(1)
						t.Errorf("seed %d: %s", seed, strings.Join(found[:min(len(found), 5)], "\n\t"))
					}
					all, _ := s.bookings.AllBookings(s.ctx)
					for _, b := range all {
						count(b.Status)
					}
				})
			}
		})
	}
	workers.Wait()
	t.Logf("%d runs in %s, bookings at their end: %v", n, time.Since(began).Round(time.Millisecond), ends)
	for _, status := range []rules.Status{rules.Paid, rules.Cancelled, rules.Failed} {
		if n >= 100 && ends[status] < int(n) {
			t.Errorf("only %d bookings of %d runs are %s at the end", ends[status], n, status)
		}
	}
}

func TestSimulationIsRepeatedByItsSeed(t *testing.T) {
	trace := func(seed uint64) (is string) {
		simulate(t, seed, func(s *sale) { is = s.trace() })
		return is
	}
	for seed := range uint64(5) {
		if one, two := trace(seed), trace(seed); one != two {
			t.Errorf("seed %d is another run the second time", seed)
		}
	}
	if trace(1) == trace(2) {
		t.Error("two seeds are one run")
	}
}
