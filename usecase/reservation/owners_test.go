package reservation_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// runTwoOwners runs two owners over one journal that both believe they own it. They
// claim, read and crash at any time; appends are lost, doubled or of unknown
// outcome.
func runTwoOwners(seed uint64) []string {
	w := newWorld(seed, 2)
	defer w.stop()
	var calm atomic.Bool
	w.journal.Fault = func(journal.Record) memory.Fate {
		if calm.Load() {
			return memory.Kept
		}
		switch w.rng.IntN(40) {
		case 0:
			return memory.Lost
		case 1:
			return memory.Unknown
		case 2:
			return memory.Doubled
		}
		return memory.Kept
	}
	for i := range 20 {
		w.command(request(1+i, 1+w.rng.IntN(2)))
		if w.rng.IntN(4) == 0 {
			w.command(request(1+w.rng.IntN(i+1), 1)) // a repeat
		}
	}
	for range 300 {
		n := w.servers[w.rng.IntN(2)]
		switch k := w.rng.IntN(20); {
		case k == 0:
			n.join()
		case k == 1:
			n.start() // kill -9: memory is gone, the store is not
		case k == 2:
			pass(time.Duration(w.rng.IntN(1500)) * time.Millisecond)
		case k < 8:
			n.read(0, 1+w.rng.IntN(4))
		case k < 10:
			n.deliver(message.SeatInitialization, 0)
		default:
			n.reserve()
		}
	}
	calm.Store(true)
	w.settle()
	return w.violations()
}

// violations replays the journal and compares with it what was told.
func (w *world) violations() (found []string) {
	complain := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	fold, state := journal.Fold{}, journal.NewState()
	outcomes := map[domain.BookingID]int64{}
	holder := map[seating.Index]domain.BookingID{}
	answers := map[string]bool{}
	_ = w.journal.Range(context.Background(), show, 0, 0, w.journal.End(show, 0), func(e journal.Entry) {
		r := &e.Record
		if !fold.Accept(e) {
			return
		}
		state.Apply(r, e.Offset)
		if r.Kind != journal.SeatsReserved && r.Kind != journal.ReservationRefused {
			return
		}
		if first, twice := outcomes[r.BookingID]; twice {
			complain("booking %s has outcomes at %d and %d", r.BookingID, first, e.Offset)
		}
		outcomes[r.BookingID] = e.Offset
		answers[fmt.Sprintf("%d", e.Offset)] = true
		for _, seat := range r.Seats {
			if other, held := holder[seat]; held {
				complain("seat %d is held by %s and %s", seat, other, r.BookingID)
			}
			holder[seat] = r.BookingID
		}
	})
	for n := 1; n <= 20; n++ {
		if _, ok := outcomes[booking(n)]; !ok {
			complain("booking %d has no outcome", n)
		}
	}
	for _, n := range w.servers {
		if n.meter.OversoldSeats > 0 {
			complain("%s saw %d seats given away twice", n.name, n.meter.OversoldSeats)
		}
	}
	told := map[string]message.Message{}
	for _, n := range w.servers {
		for _, e := range n.told.Sent() {
			if before, repeated := told[e.ID]; repeated && fmt.Sprint(before) != fmt.Sprint(e.Body) {
				complain("message %s says %v and %v", e.ID, before, e.Body)
			}
			told[e.ID] = e.Body
			var booking domain.BookingID
			switch m := e.Body.(type) {
			case message.BookingUpdatedToPendingPayment:
				booking = m.BookingID
			case message.BookingUpdatedToFailed:
				booking = m.BookingID
			default:
				continue
			}
			offset := outcomes[booking]
			if want := fmt.Sprintf("%s-%s-0-%d", e.Body.Action().Flow().Message, show, offset); e.ID != want {
				complain("message %s was told, the journal says %s", e.ID, want)
			}
		}
	}
	for booking, offset := range outcomes {
		pending := told[fmt.Sprintf("BookingUpdatedToPendingPayment-1-0-%d", offset)]
		failed := told[fmt.Sprintf("BookingUpdatedToFailed-1-0-%d", offset)]
		if (pending == nil) == (failed == nil) {
			complain("booking %s, decided at %d, was told %v and %v", booking, offset, pending, failed)
		}
	}
	return found
}

// share divides the number of seeds.
var share uint64 = 1

func TestTwoOwners(t *testing.T) {
	for seed := range 2000 / share {
		synctest.Test(t, func(t *testing.T) {
			if found := runTwoOwners(seed); len(found) > 0 {
				t.Fatalf("seed %d: %v", seed, found)
			}
		})
	}
}
