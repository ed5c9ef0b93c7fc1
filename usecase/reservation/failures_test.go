package reservation_test

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// owned runs f in a world whose first server owns the partition and has initialised
// it.
func owned(t *testing.T, servers int, f func(t *testing.T, w *world, n *node)) {
	t.Helper()
	inWorld(t, servers, func(t *testing.T, w *world) {
		n := w.servers[0]
		n.take()
		n.step(message.SeatInitialization)
		if !n.owns() {
			t.Fatal("it does not own the partition")
		}
		f(t, w, n)
	})
}

// step lets a server decide a command and read the decision back.
func (n *node) step(a message.Action) {
	n.deliver(a, 0)
	n.readAll()
}

// reserve lets a server decide a request.
func (n *node) reserve() { n.deliver(message.TicketReserving, 0) }

// seat returns a seat of the section as the server has stored it.
func (n *node) seat(t *testing.T, i seating.Index) seating.Seat {
	t.Helper()
	stored, _, err := n.store.Load(show, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range stored.Seats {
		if s.Index == i {
			return s.Seat
		}
	}
	return seating.Seat{}
}

// ask puts a request on its topic.
func (w *world) ask(n, quantity int) { w.command(request(n, quantity)) }

// outcome returns what a server has stored about a booking.
func (n *node) outcome(t *testing.T, of int) (port.Outcome, bool) {
	t.Helper()
	o, found, err := n.store.Outcome(show, booking(of))
	if err != nil {
		t.Fatal(err)
	}
	return o, found
}

// answers counts the messages that a server sent about a booking, by id.
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

// isMissing reports whether a complaint is about a booking that was not asked for.
func isMissing(complaint string) bool {
	var n int
	_, err := fmt.Sscanf(complaint, "booking %d has no outcome", &n)
	return err == nil
}

func TestF3_SentTwice(t *testing.T) {
	owned(t, 1, func(t *testing.T, w *world, n *node) {
		w.ask(1, 2)
		n.step(message.TicketReserving)
		w.ask(1, 2)
		w.ask(1, 1) // the same booking, whatever it says now
		n.reserve()
		n.reserve()
		n.readAll()

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
	})
}

func TestF4_NothingIsToldOrStoredBeforeItIsReadBack(t *testing.T) {
	owned(t, 1, func(t *testing.T, w *world, n *node) {
		w.ask(1, 2)
		n.reserve() // decided and appended
		if _, found := n.outcome(t, 1); found || len(n.answers(1)) != 0 {
			t.Error("it left the service before it was read back")
		}
		n.readAll()
		if _, found := n.outcome(t, 1); !found || len(n.answers(1)) != 1 {
			t.Error("it was read back and nothing came of it")
		}
	})
}

func TestF5_AppendOfUnknownOutcome(t *testing.T) {
	for name, fate := range map[string]memory.Fate{"it is lost": memory.Lost, "it is in the log": memory.Unknown} {
		t.Run(name, func(t *testing.T) {
			owned(t, 1, func(t *testing.T, w *world, n *node) {
				w.ask(1, 2)
				w.journal.Fault = func(journal.Record) memory.Fate { return fate }
				n.reserve()
				w.journal.Fault = nil
				if n.owns() {
					t.Fatal("the owner goes on as if nothing had happened")
				}
				if n.joined() {
					t.Fatal("the membership is kept")
				}
				w.settle()
				if len(n.answers(1)) != 1 {
					t.Errorf("told %v", n.answers(1))
				}
				w.sound(t)
			})
		})
	}
}

func TestF6_TwoClaimsAtOnce(t *testing.T) {
	owned(t, 2, func(t *testing.T, w *world, first *node) {
		second := w.servers[1]
		second.join()
		w.ask(1, 2)
		first.reserve() // it has not read the other's claim
		first.readAll()
		second.readAll()

		if first.owns() {
			t.Error("the earlier claim still counts as one's own")
		}
		if _, found := first.outcome(t, 1); found {
			t.Error("a record under the earlier claim was accepted")
		}
		second.reserve()
		second.readAll()
		first.readAll()
		if _, found := second.outcome(t, 1); !found || len(first.answers(1))+len(second.answers(1)) != 1 {
			t.Error("the later claim does not decide")
		}
		w.sound(t)
	})
}

func TestF6_ClaimOfAnother(t *testing.T) {
	owned(t, 2, func(t *testing.T, w *world, first *node) {
		w.servers[1].join()
		first.readAll()
		if first.owns() || first.joined() {
			t.Error("it still believes that it owns")
		}
	})
}

func TestF7_PausedOwnerWakesUp(t *testing.T) {
	owned(t, 2, func(t *testing.T, w *world, paused *node) {
		other := w.servers[1]
		w.ask(1, rows*rowSeats) // all seats
		w.ask(2, 1)
		other.take() // while the first is paused
		other.step(message.TicketReserving)
		paused.reserve() // it wakes up and decides as if it still owned
		paused.reserve()
		w.settle()
		w.sound(t)
		if o, _ := other.outcome(t, 2); o.Reason == "" {
			t.Errorf("a sold seat was given away: %+v", o)
		}
	})
}

func TestF8_CrashBetweenJournalAndStoreAndMessages(t *testing.T) {
	t.Run("after the append", func(t *testing.T) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			w.ask(1, 2)
			n.reserve()
			n.start()
			w.settle()
			if len(n.answers(1)) != 1 {
				t.Errorf("told %v", n.answers(1))
			}
			w.sound(t)
		})
	})
	t.Run("after the store, before the messages", func(t *testing.T) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			w.ask(1, 2)
			n.reserve()
			n.told.Fault = func(message.Envelope) error { return errors.New("killed") }
			n.readAll()
			n.told.Fault = nil
			if _, found := n.outcome(t, 1); !found || len(n.answers(1)) != 0 {
				t.Fatal("this is not the moment that is meant")
			}
			n.start()
			w.settle()
			if len(n.answers(1)) != 1 {
				t.Errorf("told %v", n.answers(1))
			}
			w.sound(t)
		})
	})
}

func TestF10_RebalanceInMidBatch(t *testing.T) {
	owned(t, 2, func(t *testing.T, w *world, n *node) {
		for i := 1; i <= 6; i++ {
			w.ask(i, 1)
		}
		for range 3 {
			n.reserve()
		}
		other := w.servers[1]
		n.leave()
		other.take() // the rest is another server's, and some of the first half is unread
		for other.deliver(message.TicketReserving, 0) {
		}
		w.settle()
		for i := 1; i <= 6; i++ {
			if len(n.answers(i)) == 0 && len(other.answers(i)) == 0 {
				t.Errorf("booking %d has no answer", i)
			}
		}
		w.sound(t)
	})
}

func TestRevokedPartitionsDecideNothing(t *testing.T) {
	owned(t, 1, func(t *testing.T, w *world, n *node) {
		m := n.member
		n.leave()
		w.ask(1, 1)
		end := w.journal.End(show, 0)
		err := n.Deliver(t.Context(), show, w.topics.read(message.TicketReserving, 0))
		if !errors.Is(err, reservation.ErrOwnershipLost) || n.owns() || w.journal.End(show, 0) != end {
			t.Errorf("after Revoked of %d inputs: %v", len(m.inputs), err)
		}
	})
}

func TestF11_StateLostOrAnothers(t *testing.T) {
	held := func(t *testing.T, f func(t *testing.T, w *world, n *node, held port.Outcome)) {
		owned(t, 1, func(t *testing.T, w *world, n *node) {
			w.ask(1, 2)
			n.step(message.TicketReserving)
			o, _ := n.outcome(t, 1)
			f(t, w, n, o)
		})
	}
	t.Run("lost: unknown seats are not available, then folded anew", func(t *testing.T) {
		held(t, func(t *testing.T, w *world, n *node, held port.Outcome) {
			n.store = memory.NewSeatStore()
			n.start()
			if _, err := n.MapSnapshot(t.Context(), show, []string{stalls}); err == nil {
				t.Error("seats are known before the journal was read")
			}
			n.readAll()
			if again, _ := n.outcome(t, 1); fmt.Sprint(again) != fmt.Sprint(held) {
				t.Errorf("%+v, was %+v", again, held)
			}
		})
	})
	t.Run("of another journal: wiped", func(t *testing.T) {
		held(t, func(t *testing.T, w *world, n *node, _ port.Outcome) {
			other := port.SeatBatch{Event: show, Partition: 0, SeatFold: port.SeatFold{JournalTopicID: "another", Fold: journal.Fold{Next: 99}}}
			if err := n.store.Write(other); err != nil {
				t.Fatal(err)
			}
			n.start()
			if next := n.follows.next[0]; next != 0 {
				t.Errorf("goes on at %d", next)
			}
		})
	})
	for name, wrong := range map[string]port.SeatFold{
		"ahead of the journal":     {JournalTopicID: topicID, Fold: journal.Fold{Next: 99}},
		"of another record before": {JournalTopicID: topicID, Fold: journal.Fold{Next: 2}, LastRecord: port.RecordIdentity{Epoch: 7, Seq: 7}},
	} {
		t.Run(name+": the event is not served, loudly", func(t *testing.T) {
			held(t, func(t *testing.T, w *world, n *node, _ port.Outcome) {
				if err := n.store.Write(port.SeatBatch{Event: show, Partition: 0, SeatFold: wrong}); err != nil {
					t.Fatal(err)
				}
				log := &strings.Builder{}
				n.deps = func(d *reservation.Deps) { d.Log = slog.New(slog.NewTextHandler(log, nil)) }
				n.start()
				problems, err := n.NotServed(t.Context())
				if err != nil || !errors.Is(problems[show], reservation.ErrJournalLost) {
					t.Errorf("not served: %v, %v", problems, err)
				}
				if n.follows != nil || !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "lost acknowledged records") {
					t.Errorf("it is followed, or not said loudly: %s", log)
				}
			})
		})
	}
}

func TestF12_InitialisedAgainAfterSales(t *testing.T) {
	owned(t, 1, func(t *testing.T, w *world, n *node) {
		w.ask(1, 2)
		n.step(message.TicketReserving)
		end := w.journal.End(show, 0)
		w.command(message.InitializeSeats{EventID: show, Layout: stallsLayout()})
		n.step(message.SeatInitialization)
		if w.journal.End(show, 0) != end {
			t.Error("it left a record")
		}
		if n.seat(t, 0).Status != seating.Reserved || n.seat(t, 1).Status != seating.Reserved {
			t.Error("seats that were held are free")
		}
	})
}

func TestF16_F17_LateAndRepeatedReleases(t *testing.T) {
	owned(t, 1, func(t *testing.T, w *world, n *node) {
		change := func(of int, o port.Outcome) message.SeatChange {
			return message.SeatChange{EventID: show, BookingID: booking(of), Section: stalls, Hold: o.Hold,
				Seats: []domain.SeatID{{Section: stalls, Subsection: 1, Row: 1, Seat: 1}}}
		}
		w.ask(1, 1)
		n.step(message.TicketReserving)
		first, _ := n.outcome(t, 1)
		w.command(message.ReleaseSeat{SeatChange: change(1, first)})
		n.step(message.ReleaseTicket)
		w.ask(2, 1)
		n.step(message.TicketReserving) // the next buyer has the seat
		second, _ := n.outcome(t, 2)

		w.command(message.ReleaseSeat{SeatChange: change(1, first)}) // repeated
		n.step(message.ReleaseTicket)
		w.command(message.FinalizeSeats{SeatChange: change(1, first)}) // late
		n.step(message.FinalizeTicket)
		w.command(message.ReleaseSeat{SeatChange: change(2, first)}) // the right booking under an old hold
		n.step(message.ReleaseTicket)

		if s := n.seat(t, 0); s.Status != seating.Reserved || s.Booking != booking(2) || s.Hold != second.Hold {
			t.Errorf("the next buyer's seat is %+v", s)
		}
		if second.Hold <= first.Hold {
			t.Errorf("a later hold has number %d after %d", second.Hold, first.Hold)
		}
	})
}

func TestF26_StoreThatCannotBeWritten(t *testing.T) {
	owned(t, 1, func(t *testing.T, w *world, n *node) {
		w.ask(1, 2)
		n.reserve()
		n.store.Fault = func(port.SeatBatch) error { return errors.New("no space left on device") }
		n.readAll()
		if !n.failed() || n.failure == nil || len(n.answers(1)) != 0 {
			t.Fatalf("it goes on: %v, told %v", n.failure, n.answers(1))
		}
		n.store.Fault = nil // there is space again, and the process is started anew
		n.start()
		w.settle()
		if len(n.answers(1)) != 1 {
			t.Errorf("told %v", n.answers(1))
		}
		w.sound(t)
	})
}

func TestF26_ClaimThatCannotBeStored(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *world) {
		n := w.servers[0]
		n.store.Fault = func(port.SeatBatch) error { return errors.New("no space left on device") }
		n.join()
		m := n.member
		n.readAll()

		<-m.done
		if m.err == nil || m.next != nil {
			t.Errorf("the partition counts as claimed: %v, %v", m.next, m.err)
		}
		if !n.failed() || n.failure == nil {
			t.Error("it goes on")
		}
	})
}

// Assigned ends as soon as it is known that the claim is lost, not after the time
// limit.
func TestAssignedEndsWithItsOwnership(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *world) {
		n := w.servers[0]
		w.journal.Fault = func(journal.Record) memory.Fate { return memory.Lost }
		began := time.Now()
		_, err := n.Assigned(t.Context(), show, map[port.Input]int64{input(message.SeatInitialization, 0): 1})
		if took := time.Since(began); !errors.Is(err, reservation.ErrOwnershipLost) || took > 0 {
			t.Errorf("after %s: %v", took, err)
		}
		select {
		case id := <-n.OwnershipLost():
			t.Errorf("the loss of event %d is reported twice: the membership would be taken again twice", id)
		default:
		}
	})
}

func TestAssignedEndsWithItsCaller(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *world) {
		n := w.servers[0]
		n.join() // the claim is not read
		began := time.Now()
		n.leave()
		if took := time.Since(began); took > 0 {
			t.Errorf("after %s", took)
		}
		n.readAll()
		if n.owns() {
			t.Error("a claim that was given up is owned")
		}
	})
}

// The initialisation topic says that a partition is to be claimed. Without it nothing
// is claimed, and Assigned must not block for ever.
func TestAssignedEndsWithoutAClaim(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *world) {
		n := w.servers[0]
		began := time.Now()
		_, err := n.Assigned(t.Context(), show, map[port.Input]int64{input(message.TicketReserving, 0): 0})
		if took := time.Since(began); !errors.Is(err, reservation.ErrOwnershipLost) || took > 9*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
	})
}

func TestClaimThatIsNotReadBack(t *testing.T) {
	inWorld(t, 1, func(t *testing.T, w *world) {
		n := w.servers[0]
		began := time.Now()
		_, err := n.Assigned(t.Context(), show, map[port.Input]int64{input(message.SeatInitialization, 0): 1})
		if took := time.Since(began); !errors.Is(err, reservation.ErrOwnershipLost) || took < 6*time.Second || took > 7*time.Second {
			t.Errorf("after %s: %v", took, err)
		}
	})
}
