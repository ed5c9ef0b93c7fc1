package reservation_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// An owner that misses records of the journal does not know what was sold. It must
// not decide on what it has read behind them.
func TestGapInTheJournal(t *testing.T) {
	inWorld(t, 2, func(t *testing.T, w *world) {
		first, second := w.servers[0], w.servers[1]
		first.take()
		w.settle()
		w.ask(1, 12) // all seats
		w.settle()
		second.kill()
		second.store = memory.NewSeatStore()
		second.start()
		var entries []journal.Entry
		end := w.journal.End(show, 0)
		_ = w.journal.Range(context.Background(), show, 0, 0, end, func(e journal.Entry) {
			if e.Record.Kind != journal.SeatsReserved {
				entries = append(entries, e)
			}
		})

		follows := second.follows.Load()
		follows.next[0] = end
		follows.reader.Read(show, 0, entries)
		second.take()
		w.ask(2, 4)
		second.reserve()
		second.readAll()
		first.readAll()

		_ = w.journal.Range(context.Background(), show, 0, end, w.journal.End(show, 0), func(e journal.Entry) {
			if e.Record.Kind == journal.SeatsReserved {
				t.Errorf("seats %v were given away again at offset %d", e.Record.Seats, e.Offset)
			}
		})
	})
}

// Commands that waited for the initialisation topic are not passed on after one of
// them lost the ownership. The driving adapter hears the cause once.
func TestOwnershipIsLostOnceAmongParkedCommands(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		in, req := input(message.SeatInitialization, 0), input(message.TicketReserving, 0)
		if _, err := s.Assigned(context.Background(), show, map[port.Input]int64{in: 1, req: 100}); err != nil {
			t.Fatal(err)
		}
		var parked []port.Delivery
		for n := range 100 {
			if n != 1 { // the gap is found when they are delivered again
				parked = append(parked, port.Delivery{Input: req, Offset: int64(n), Envelope: message.Envelope{Body: request(n, 1)}})
			}
		}
		if err := s.Deliver(t.Context(), show, parked); err != nil {
			t.Fatal(err)
		}

		err := s.Deliver(t.Context(), show, []port.Delivery{{Input: in, Envelope: message.Envelope{Body: message.InitializeSeats{EventID: show, Layout: stallsLayout()}}}})

		if err == nil || !strings.Contains(err.Error(), "offset 2, expected 1") {
			t.Errorf("Deliver returns %v", err)
		}
		pass(time.Second)
		if n := strings.Count(s.log.String(), "ownership given up"); n != 1 {
			t.Errorf("the loss is logged %d times", n)
		}
	})
}

// A call of Assigned whose ctx ended before the loop took it leaves nothing behind
// that could end a later membership.
func TestAssignedOfACallerThatIsGone(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		for range 20 { // whether the loop or ctx is first is open
			gone, cancel := context.WithCancel(context.Background())
			cancel()
			one, two := input(message.SeatInitialization, 0), input(message.SeatInitialization, 1)
			_, _ = s.Assigned(gone, show, map[port.Input]int64{one: 1, two: 1})
			s.Revoked(show, []port.Input{one, two})
		}
		if _, err := s.assigned(show); err != nil {
			t.Fatal(err)
		}

		pass(9 * time.Second)

		if owned, _ := s.Owned(t.Context()); owned[show] != 1 {
			t.Errorf("the later membership owns %v\n%s", owned, s.log.String())
		}
	})
}

// An event that was served is tried again soon, however often it fails.
func TestPauseOfAnEventThatWasServed(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		notServed := 0
		for range 20 {
			s.broken.Store(true)
			s.journal.Append(other, 5, journal.Record{Kind: journal.Claimed, Server: "s2", Nonce: 99, Cause: journal.Cause{Offset: -1}}, func(error) {})
			pass(10 * time.Millisecond)
			s.broken.Store(false)
			for range 30 {
				pass(time.Second)
				if s.problem(t, other) != nil {
					notServed++
				}
			}
		}
		if notServed > 60 {
			t.Errorf("20 failures of 10 ms: not served for %d of 600 s", notServed)
		}
	})
}

// An event whose journal cannot be followed is tried again after a pause that grows,
// although it can be loaded. It does not disturb its group more often than that.
func TestPauseOfAnEventThatCannotBeFollowed(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		s.gone.Store(true)
		s.broken.Store(true) // ends what is followed
		s.journal.Append(other, 5, journal.Record{Kind: journal.Claimed, Server: "s2", Nonce: 99, Cause: journal.Cause{Offset: -1}}, func(error) {})
		pass(10 * time.Millisecond)
		s.broken.Store(false)
		joined := 0
		join := func() {
			joined++
			_, _ = s.assigned(other)
		}
		join()

		for range 600 {
			pass(time.Second)
			select {
			case <-s.OwnershipLost():
				join()
			default:
			}
		}

		if n := strings.Count(s.log.String(), "event is not served"); n > 20 || joined > 20 {
			t.Errorf("in 10 minutes the event was tried %d times, and its group joined %d times", n, joined)
		}
		s.gone.Store(false)
		pass(time.Minute)
		if err := s.problem(t, other); err != nil {
			t.Errorf("the event can be followed and is not served: %v", err)
		}
	})
}

// A record that no owner writes, about a seat that its section does not have, stops
// its event alone.
func TestSeatThatASectionDoesNotHave(t *testing.T) {
	serving(t, false, func(t *testing.T, s *service) {
		if _, err := s.assigned(other); err != nil {
			t.Fatal(err)
		}
		s.initialise(t, other)
		epoch := s.journal.End(other, 0)
		s.journal.Append(other, 0, journal.Record{Kind: journal.Claimed, Server: "s2", Nonce: 99, Cause: journal.Cause{Offset: -1}}, func(error) {})
		s.journal.Append(other, 0, journal.Record{Kind: journal.SeatsReserved, Epoch: epoch, Seq: 1, Section: stalls, BookingID: booking(1),
			Seats: []seating.Index{99}, Cause: journal.Cause{Offset: -1}}, func(error) {})

		pass(time.Minute)

		if err := s.problem(t, other); err == nil || !strings.Contains(err.Error(), "has seats that section") {
			t.Errorf("the event is served: %v", err)
		}
		if _, err := s.assigned(show); err != nil {
			t.Errorf("the other event is not served: %v", err)
		}
	})
}

// Callers that hang up while the loop answers them do not share memory with it: the
// race detector watches.
func TestCallersThatHangUp(t *testing.T) {
	s := &service{journal: memory.NewJournal(), seats: memory.NewSeatStore(), wakes: memory.NewWakeLog()}
	s.build(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	var callers sync.WaitGroup
	for range 8 {
		callers.Go(func() {
			for range 500 {
				gone, hangUp := context.WithCancel(ctx)
				go hangUp()
				_, _ = s.MapSnapshot(gone, show, nil)
				_, _ = s.Counts(gone, show, nil)
			}
		})
	}
	callers.Wait()
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
