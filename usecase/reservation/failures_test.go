package reservation

import (
	"errors"
	"fmt"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// owned is a world whose first server owns the partition and has initialised it.
func owned(t *testing.T, servers int) (*world, *node) {
	t.Helper()
	w := newWorld(1, servers)
	for _, n := range w.servers {
		w.start(n)
	}
	n := w.servers[0]
	w.take(n)
	w.deliver(n, message.SeatInitialization)
	w.read(n, 100)
	return w, n
}

// take lets a server claim and read its claim.
func (w *world) take(n *node) {
	w.claim(n)
	for w.read(n, 100) {
	}
}

// ask puts a request on its topic.
func (w *world) ask(n, quantity int) { w.command(request(n, quantity)) }

// outcome is what a server's store has of a booking.
func (n *node) outcome(t *testing.T, of int) (port.Outcome, bool) {
	t.Helper()
	o, found, err := n.store.Outcome(show, booking(of))
	if err != nil {
		t.Fatal(err)
	}
	return o, found
}

// answers counts what a server told of a booking, by message.
func (n *node) answers(of int) map[string]int {
	told := map[string]int{}
	for _, e := range n.told.Sent() {
		switch m := e.Body.(type) {
		case message.BookingUpdatedToPendingPayment:
			if m.BookingID == booking(of) {
				told[e.ID]++
			}
		case message.BookingUpdatedToFailed:
			if m.BookingID == booking(of) {
				told[e.ID]++
			}
		}
	}
	return told
}

func (w *world) sound(t *testing.T) {
	t.Helper()
	var bad []string
	for _, complaint := range w.violations() {
		if !isMissing(complaint) {
			bad = append(bad, complaint)
		}
	}
	if len(bad) > 0 {
		t.Error(bad)
	}
}

// isMissing: these worlds ask for a few bookings only.
func isMissing(complaint string) bool {
	var n int
	_, err := fmt.Sscanf(complaint, "booking %d has no outcome", &n)
	return err == nil
}

func TestF3_SentTwice(t *testing.T) {
	w, n := owned(t, 1)
	w.ask(1, 2)
	w.deliver(n, message.TicketReserving)
	w.read(n, 100)
	w.ask(1, 2)
	w.ask(1, 1) // the same booking, whatever it says now
	w.deliver(n, message.TicketReserving)
	w.deliver(n, message.TicketReserving)
	w.read(n, 100)

	told := n.answers(1)
	if len(told) != 1 {
		t.Errorf("told under %d ids: %v", len(told), told)
	}
	for id, times := range told {
		if times != 3 {
			t.Errorf("%s was told %d times, asked for 3 times", id, times)
		}
	}
	w.sound(t)
}

func TestF4_NothingIsToldOrStoredBeforeItIsReadBack(t *testing.T) {
	w, n := owned(t, 1)
	w.ask(1, 2)
	w.deliver(n, message.TicketReserving) // decided and appended
	if _, found := n.outcome(t, 1); found || len(n.answers(1)) != 0 {
		t.Error("it left the service before it was read back")
	}
	w.read(n, 100)
	if _, found := n.outcome(t, 1); !found || len(n.answers(1)) != 1 {
		t.Error("it was read back and nothing came of it")
	}
}

func TestF5_AppendOfUnknownOutcome(t *testing.T) {
	for name, fate := range map[string]memory.Fate{"it is lost": memory.Lost, "it is in the log": memory.Unknown} {
		t.Run(name, func(t *testing.T) {
			w, n := owned(t, 1)
			w.ask(1, 2)
			w.journal.Fault = func(journal.Record) memory.Fate { return fate }
			w.deliver(n, message.TicketReserving)
			w.journal.Fault = nil
			if n.lane().own != nil {
				t.Fatal("the owner goes on as if nothing had happened")
			}
			w.settle()
			if len(n.answers(1)) != 1 {
				t.Errorf("told %v", n.answers(1))
			}
			w.sound(t)
		})
	}
}

func TestF6_TwoClaimsAtOnce(t *testing.T) {
	w, first := owned(t, 2)
	second := w.servers[1]
	w.claim(second)
	w.ask(1, 2)
	w.deliver(first, message.TicketReserving) // it has not read the other's claim
	w.read(first, 100)
	w.read(second, 100)

	if first.lane().own != nil {
		t.Error("the earlier claim still counts as one's own")
	}
	if _, found := first.outcome(t, 1); found {
		t.Error("a record under the earlier claim was accepted")
	}
	w.deliver(second, message.TicketReserving)
	w.read(second, 100)
	w.read(first, 100)
	if _, found := second.outcome(t, 1); !found || len(first.answers(1))+len(second.answers(1)) != 1 {
		t.Error("the later claim does not decide")
	}
	w.sound(t)
}

func TestF6_ClaimOfAnother(t *testing.T) {
	w, first := owned(t, 2)
	w.claim(w.servers[1])
	w.read(first, 100)
	if first.lane().own != nil {
		t.Error("it still believes that it owns")
	}
}

func TestF7_PausedOwnerWakesUp(t *testing.T) {
	w, paused := owned(t, 2)
	other := w.servers[1]
	w.ask(1, rows*rowSeats) // all seats
	w.ask(2, 1)
	w.take(other) // while the first is paused
	w.deliver(other, message.TicketReserving)
	w.read(other, 100)
	w.deliver(paused, message.TicketReserving) // it wakes up and decides as if it still owned
	w.deliver(paused, message.TicketReserving)
	w.settle()
	w.sound(t)
	if o, _ := other.outcome(t, 2); o.Reason == "" {
		t.Errorf("a sold seat was given away: %+v", o)
	}
}

func TestF8_CrashBetweenJournalAndStoreAndMessages(t *testing.T) {
	t.Run("after the append", func(t *testing.T) {
		w, n := owned(t, 1)
		w.ask(1, 2)
		w.deliver(n, message.TicketReserving)
		w.start(n)
		w.settle()
		if len(n.answers(1)) != 1 {
			t.Errorf("told %v", n.answers(1))
		}
		w.sound(t)
	})
	t.Run("after the store, before the messages", func(t *testing.T) {
		w, n := owned(t, 1)
		w.ask(1, 2)
		w.deliver(n, message.TicketReserving)
		n.told.Fault = func(message.Envelope) error { return errors.New("killed") }
		w.read(n, 100)
		n.told.Fault = nil
		if _, found := n.outcome(t, 1); !found || len(n.answers(1)) != 0 {
			t.Fatal("this is not the moment that is meant")
		}
		w.start(n)
		w.settle()
		if len(n.answers(1)) != 1 {
			t.Errorf("told %v", n.answers(1))
		}
		w.sound(t)
	})
}

func TestF10_RebalanceInMidBatch(t *testing.T) {
	w, n := owned(t, 2)
	for i := 1; i <= 6; i++ {
		w.ask(i, 1)
	}
	for range 3 {
		w.deliver(n, message.TicketReserving)
	}
	other := w.servers[1]
	w.take(other) // the rest is another server's, and some of the first half is unread
	for w.deliver(other, message.TicketReserving) {
	}
	for _, s := range w.servers {
		for w.read(s, 100) {
		}
	}
	w.settle()
	for i := 1; i <= 6; i++ {
		if len(n.answers(i)) == 0 && len(other.answers(i)) == 0 {
			t.Errorf("booking %d has no answer", i)
		}
	}
	w.sound(t)
}

func TestF11_StateLostOrAnothers(t *testing.T) {
	w, n := owned(t, 1)
	w.ask(1, 2)
	w.deliver(n, message.TicketReserving)
	w.read(n, 100)
	held, _ := n.outcome(t, 1)

	t.Run("lost: unknown seats are not available, then folded anew", func(t *testing.T) {
		n.store = memory.NewSeatStore()
		w.start(n)
		if _, found := n.section(show, stalls); found {
			t.Error("seats are known before the journal was read")
		}
		for w.read(n, 100) {
		}
		if again, _ := n.outcome(t, 1); fmt.Sprint(again) != fmt.Sprint(held) {
			t.Errorf("%+v, was %+v", again, held)
		}
	})
	t.Run("of another journal: wiped", func(t *testing.T) {
		other := port.SeatBatch{Event: show, Partition: 0, SeatFold: port.SeatFold{JournalTopicID: "another", Fold: journal.Fold{Next: 99}}}
		if err := n.store.Write(other); err != nil {
			t.Fatal(err)
		}
		w.start(n)
		if next := n.lane().fold.Next; next != 0 {
			t.Errorf("goes on at %d", next)
		}
	})
	t.Run("ahead of the journal: it stops loudly", func(t *testing.T) {
		ahead := port.SeatBatch{Event: show, Partition: 0, SeatFold: port.SeatFold{JournalTopicID: topicID, Fold: journal.Fold{Next: 99}}}
		if err := n.store.Write(ahead); err != nil {
			t.Fatal(err)
		}
		if _, err := n.load(catalogue(), 0); err == nil {
			t.Error("a store that is ahead of the journal was taken")
		}
	})
}

func TestF12_InitialisedAgainAfterSales(t *testing.T) {
	w, n := owned(t, 1)
	w.ask(1, 2)
	w.deliver(n, message.TicketReserving)
	w.read(n, 100)
	end := w.journal.End(show, 0)
	w.command(w.commands[message.SeatInitialization][0])
	w.deliver(n, message.SeatInitialization)
	w.read(n, 100)
	if w.journal.End(show, 0) != end {
		t.Error("it left a record")
	}
	if section, _ := n.section(show, stalls); section.Free(0) || section.Free(1) {
		t.Error("seats that were held are free")
	}
}

func TestF16_F17_LateAndRepeatedReleases(t *testing.T) {
	w, n := owned(t, 1)
	change := func(of int, o port.Outcome) message.SeatChange {
		return message.SeatChange{EventID: show, BookingID: booking(of), Section: stalls, Hold: o.Hold,
			Seats: []domain.SeatID{{Section: stalls, Subsection: 1, Row: 1, Seat: 1}}}
	}
	step := func(a message.Action) {
		w.deliver(n, a)
		w.read(n, 100)
	}
	w.ask(1, 1)
	step(message.TicketReserving)
	first, _ := n.outcome(t, 1)
	w.command(message.ReleaseSeat{SeatChange: change(1, first)})
	step(message.ReleaseTicket)
	w.ask(2, 1)
	step(message.TicketReserving) // the next buyer has the seat
	second, _ := n.outcome(t, 2)

	w.command(message.ReleaseSeat{SeatChange: change(1, first)}) // repeated
	step(message.ReleaseTicket)
	w.command(message.FinalizeSeats{SeatChange: change(1, first)}) // late
	step(message.FinalizeTicket)
	wrong := change(2, first) // the right booking under an old hold
	w.command(message.ReleaseSeat{SeatChange: wrong})
	step(message.ReleaseTicket)

	section, _ := n.section(show, stalls)
	if s := section.Seat(0); s.Status != seating.Reserved || s.Booking != booking(2) || s.Hold != second.Hold {
		t.Errorf("the next buyer's seat is %+v", s)
	}
	if second.Hold <= first.Hold {
		t.Errorf("a later hold has number %d after %d", second.Hold, first.Hold)
	}
}

func TestF26_StoreThatCannotBeWritten(t *testing.T) {
	w, n := owned(t, 1)
	w.ask(1, 2)
	w.deliver(n, message.TicketReserving)
	var loud error
	n.stop = func(err error) { loud = err }
	n.store.Fault = func(port.SeatBatch) error { return errors.New("no space left on device") }
	w.read(n, 100)
	if loud == nil || n.failure == nil || len(n.answers(1)) != 0 {
		t.Fatalf("it goes on: %v, told %v", loud, n.answers(1))
	}
	n.store.Fault = nil // there is space again, and the process is started anew
	w.start(n)
	w.settle()
	if len(n.answers(1)) != 1 {
		t.Errorf("told %v", n.answers(1))
	}
	w.sound(t)
}

func TestF26_ClaimThatCannotBeStored(t *testing.T) {
	w := newWorld(1, 1)
	n := w.servers[0]
	w.start(n)
	input := port.Input{Event: show, Action: message.SeatInitialization, TopicID: message.SeatInitialization.String()}
	wait := &claimWait{done: make(chan struct{})}
	n.Server.claim(show, map[port.Input]int64{input: 1}, wait)
	n.store.Fault = func(port.SeatBatch) error { return errors.New("no space left on device") }
	w.read(n, 100)
	n.settleClaims()

	select {
	case <-wait.done:
		t.Error("the partition counts as claimed")
	default:
	}
	if n.failure == nil {
		t.Error("it goes on")
	}
	if err := n.positions(show, map[port.Input]int64{input: 1}, map[port.Input]int64{}); !errors.Is(err, ErrTrouble) {
		t.Errorf("positions: %v", err)
	}
	if err := n.lane().deliver(port.Delivery{Input: input, Envelope: message.Envelope{Body: w.commands[input.Action][0]}}); !errors.Is(err, ErrTrouble) {
		t.Errorf("deliver: %v", err)
	}
}
