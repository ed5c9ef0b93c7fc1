package reservation_test

import (
	"context"
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
	bookings "github.com/onsale-tickets/onsale/usecase/booking"
)

// How a run comes to rest.
const (
	resting    = 8   // minutes in which nothing happens: longer than a payment window and than requests wait to be sent again
	restLimit  = 60  // minutes until it must have come to rest
	roundLimit = 300 // things that one minute may hold
)

// simulate runs a sale by a seed until everything is at rest, and hands it to check,
// with the reason why it did not come to rest.
func simulate(t *testing.T, seed uint64, check func(s *sale, unrest error)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := newSale(seed)
		defer s.stop()
		opens := s.rng.IntN(opening)
		for i := range moves {
			if i == opens {
				s.count(opened)
				s.create()
			}
			s.move()
		}
		check(s, s.rest())
	})
}

// rest lets everything come to its end: nothing goes wrong any more, and one server
// of each service does the work. It returns an error if that has no end.
func (s *sale) rest() error {
	s.setPerfect(true)
	for s.gateway.arrive() {
	}
	s.network.flush()
	s.gate.open()
	pass(bookings.GatewayLimit)
	s.running.Wait()
	s.owner = s.rng.IntN(2)
	for _, e := range s.servers[1-s.owner].all() {
		e.leave()
	}
	for idle, minutes := 0, 0; idle < resting; idle++ {
		if minutes++; minutes > restLimit {
			return fmt.Errorf("it is not at rest after %d minutes: %s", restLimit, s.trail())
		}
		s.ahead.Add(int64(time.Minute))
		s.payRest()
		before := s.size()
		for rounds := 0; ; rounds++ {
			moved, err := s.round()
			switch {
			case err != nil:
				return fmt.Errorf("nothing goes wrong any more, and: %w", err)
			case rounds > roundLimit:
				return fmt.Errorf("it is not at rest after %d rounds of one minute: %s", rounds, s.trail())
			}
			if !moved {
				break
			}
		}
		if s.size() != before {
			idle = 0
		}
	}
	return s.fallAsleep()
}

// payRest lets half of the buyers who wait pay, and the others miss their window.
func (s *sale) payRest() {
	for _, b := range s.pending() {
		if !s.late[b.ID] && s.rng.IntN(2) == 0 {
			_, _ = s.pay.Handle(s.ctx, bookings.CardPayment{BuyerID: b.BuyerID, BookingID: b.ID, Card: rules.Card{Token: "tok_ok"}})
		}
		s.late[b.ID] = true
	}
}

// round reports whether something moved.
func (s *sale) round() (moved bool, err error) {
	for _, h := range s.background {
		if !s.isPerfect() { // it may have to wait
			s.run(h)
			continue
		}
		if err := h.Handle(s.ctx); err != nil {
			return false, err
		}
	}
	s.revive()
	for _, n := range s.servers {
		for _, e := range n.all() {
			for s.readSome(e, 1000) {
				moved = true
			}
		}
		s.doze(n)
	}
	moved = s.hearAll() || moved
	for _, e := range s.servers[s.owner].all() {
		if s.unread(s.servers[s.owner].view, e.event) {
			continue
		}
		if !e.joined() {
			e.join()
			moved = true
			continue
		}
		moved = s.command(e, 1000) || moved
	}
	for _, r := range s.readers[2*s.owner:][:2] {
		if r.missing() {
			r.join()
		}
		moved = r.deliver(100) || moved
	}
	if !moved {
		before := s.size()
		pass(time.Second) // a checkpoint, and what was not acknowledged
		moved = s.size() != before
	}
	return moved, nil
}

// size grows with every record.
func (s *sale) size() (n int64) {
	n = int64(s.topics.size())
	for event := range domain.EventID(hallEvents) {
		for p := range domain.Partition(hallSections) {
			n += s.journal.End(1+event, p)
		}
	}
	return n
}

// trail describes where a run stands that does not come to rest.
func (s *sale) trail() string {
	var says []string
	every, _ := s.bookings.AllBookings(s.ctx)
	for _, b := range every {
		if !b.Status.Final() {
			says = append(says, fmt.Sprintf("booking %s is %s", b.ID, b.Status))
		}
	}
	for event := range domain.EventID(hallEvents) {
		for p := range domain.Partition(hallSections) {
			end := s.journal.End(1+event, p)
			says = append(says, fmt.Sprintf("journal %d:%d ends at %d", 1+event, p, end))
		}
	}
	for _, n := range s.servers {
		owned, _ := n.Owned(context.Background())
		problems, _ := n.NotServed(context.Background())
		says = append(says, fmt.Sprintf("%s owns %v and does not serve %v", n.name, owned, problems))
	}
	return strings.Join(says, ", ")
}

// seeds returns the first seed and the number of runs. ONSALE_SEEDS sets them, for
// make simulate: "5000" runs so many, "17+1" runs seed 17.
func seeds(t *testing.T, many uint64) (from, n uint64) {
	wish := os.Getenv("ONSALE_SEEDS")
	if wish == "" {
		return 0, many
	}
	first, rest, both := strings.Cut(wish, "+")
	if !both {
		first, rest = "0", first
	}
	from, err := strconv.ParseUint(first, 10, 64)
	if err == nil {
		n, err = strconv.ParseUint(rest, 10, 64)
	}
	if err != nil {
		t.Fatalf("ONSALE_SEEDS is %q: %v", wish, err)
	}
	return from, n
}

// How many runs there are usually, and how many must have shown every kind of fault.
const (
	usual  = 150
	enough = 100
)

func TestSimulation(t *testing.T) {
	from, n := seeds(t, usual/share)
	var next, bad atomic.Uint64
	var mu sync.Mutex
	ends, counts := map[rules.Status]int{}, map[kind]int{}
	began := time.Now()
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				seed := from + next.Add(1) - 1
				if seed >= from+n || bad.Load() > 3 {
					return
				}
				simulate(t, seed, func(s *sale, unrest error) {
					found := s.found()
					if unrest != nil {
						found = append([]string{unrest.Error()}, found...)
					}
					if len(found) > 0 {
						bad.Add(1)
						t.Errorf("seed %d: %s", seed, strings.Join(found[:min(len(found), 5)], "\n\t"))
					}
					mu.Lock()
					defer mu.Unlock()
					all, _ := s.bookings.AllBookings(s.ctx)
					for _, b := range all {
						ends[b.Status]++
					}
					for k, times := range s.counts {
						counts[k] += times
					}
				})
			}
		})
	}
	workers.Wait()
	t.Logf("%d runs in %s, bookings at their end: %v", n, time.Since(began).Round(time.Millisecond), ends)
	for _, k := range kinds {
		t.Logf("%7d × %s", counts[k], k)
	}
	if n < enough || t.Failed() {
		return
	}
	all := 0
	for _, times := range ends {
		all += times
	}
	if paid := ends[rules.Paid]; paid*10 < all*3 {
		t.Errorf("%d of %d bookings end PAID, fewer than 30 %%", paid, all)
	}
	for _, status := range []rules.Status{rules.Cancelled, rules.Failed} {
		if ends[status] < int(n) {
			t.Errorf("only %d bookings of %d runs are %s at the end", ends[status], n, status)
		}
	}
	if i := slices.IndexFunc(kinds, func(k kind) bool { return counts[k] == 0 }); i >= 0 {
		t.Errorf("never in %d runs: %s", n, kinds[i])
	}
}

func TestSimulationIsRepeatedByItsSeed(t *testing.T) {
	trace := func(seed uint64) (is string) {
		simulate(t, seed, func(s *sale, _ error) { is = s.trace() })
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
