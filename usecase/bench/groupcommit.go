package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// GroupCommitInput says how many bookings are accepted.
type GroupCommitInput struct {
	Clients  int // in a closed loop
	Bookings int // of a turn with groups; a turn without has a tenth
	Rounds   int // turns of each, after one to warm up
	Steps    Steps
}

// GroupCommitFigures compare stores that differ in the size of a group.
type GroupCommitFigures struct {
	Accepted        int     // by both, in all turns
	Grouped, Single float64 // bookings a second
	Ratio           float64 // Grouped : Single
}

// GroupCommit measures what it is worth that bookings which wait at the same time
// become one transaction.
type GroupCommit struct {
	grouped, single port.Bookings
	newID           func() domain.BookingID
}

// NewGroupCommit returns the use case for a store that groups and one that does not.
func NewGroupCommit(grouped, single port.Bookings, newID func() domain.BookingID) *GroupCommit {
	return &GroupCommit{grouped, single, newID}
}

// Handle lets both stores take turns, so that both see the same machine and the same
// size of the table.
func (g *GroupCommit) Handle(ctx context.Context, in GroupCommitInput) (f GroupCommitFigures, err error) {
	few := max(in.Bookings/10, 1)
	var grouped, single time.Duration
	for round := range in.Rounds + 1 {
		name := roundName(round)
		alone, err := g.turn(ctx, g.single, few, in.Clients, in.Steps.Step(name+", one by one", few))
		if err != nil {
			return f, err
		}
		together, err := g.turn(ctx, g.grouped, in.Bookings, in.Clients, in.Steps.Step(name+", in groups", in.Bookings))
		if err != nil {
			return f, err
		}
		f.Accepted += few + in.Bookings
		if round > 0 {
			single, grouped = single+alone, grouped+together
		}
	}
	f.Single = float64(few*in.Rounds) / single.Seconds()
	f.Grouped = float64(in.Bookings*in.Rounds) / grouped.Seconds()
	f.Ratio = f.Grouped / f.Single
	return f, nil
}

// roundName names the rounds of a comparison; the first is not measured.
func roundName(round int) string {
	if round == 0 {
		return "warm-up"
	}
	return fmt.Sprintf("round %d", round)
}

// turn returns how long a store takes to accept n bookings.
func (g *GroupCommit) turn(ctx context.Context, s port.Bookings, n, clients int, progress func(accepted, answered int)) (time.Duration, error) {
	var left, stored atomic.Int64
	left.Store(int64(n))
	failed := make([]error, clients)
	began := time.Now()
	var all sync.WaitGroup
	for c := range clients {
		all.Go(func() {
			for left.Add(-1) >= 0 && failed[c] == nil {
				_, failed[c] = s.Accept(ctx, g.booking(), port.IdempotencyKey{})
				at := int(stored.Add(1))
				if at%100 == 0 || at == n {
					progress(at, at)
				}
			}
		})
	}
	all.Wait()
	return time.Since(began), errors.Join(failed...)
}

// booking has an id of its own, and is otherwise like all others.
func (g *GroupCommit) booking() booking.Booking {
	return booking.Booking{ID: g.newID(), EventID: 1, BuyerID: firstBuyer, Section: "A", Mode: message.BestAvailable, Quantity: seatsEach,
		UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}, Status: booking.Processing, CreatedAt: time.Now().Truncate(time.Microsecond), Revision: 1}
}
