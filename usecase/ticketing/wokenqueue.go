package ticketing

import (
	"context"
	"errors"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// wokenQueue has the events that were woken and have no topics yet. Those that failed
// come after those that did not, and never take all workers: an event that hangs does
// not delay the ones that work.
type wokenQueue struct {
	bell chan struct{} // rings when an event was added

	mu      sync.Mutex
	changed *sync.Cond // an event was added or done
	events  map[domain.EventID]*woken
	busy    int  // events under way
	again   int  // of them, those that had failed
	full    bool // in this call of Handle the brokers have refused an event
}

type woken struct {
	id     domain.EventID
	busy   bool
	failed int  // times in a row
	noRoom bool // the last time the brokers had no room
}

// mostAgain is how many of the workers try events again that have failed.
const mostAgain = atOnce / 2

func newWokenQueue() *wokenQueue {
	q := &wokenQueue{bell: make(chan struct{}, 1), events: map[domain.EventID]*woken{}}
	q.changed = sync.NewCond(&q.mu)
	return q
}

// note takes in whether an event is awake without topics.
func (q *wokenQueue) note(id domain.EventID, waits bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if !waits {
		delete(q.events, id)
		return
	}
	if q.events[id] != nil {
		return
	}
	q.events[id] = &woken{id: id}
	q.changed.Broadcast()
	select {
	case q.bell <- struct{}{}:
	default:
	}
}

// next blocks until there is an event that was not tried, and returns false when all
// were tried and none is under way, or ctx is done. tried belongs to one call of
// Handle.
func (q *wokenQueue) next(ctx context.Context, tried map[domain.EventID]bool) (*woken, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(tried) == 0 {
		q.full = false
	}
	for ctx.Err() == nil {
		if e := q.best(tried); e != nil {
			e.busy, tried[e.id] = true, true
			q.busy++
			if e.failed > 0 {
				q.again++
			}
			return e, true
		}
		if q.busy == 0 {
			break
		}
		q.changed.Wait()
	}
	return nil, false
}

// best returns the event that has failed least often, of these the oldest, or nil.
func (q *wokenQueue) best(tried map[domain.EventID]bool) (best *woken) {
	for id, e := range q.events {
		switch {
		case e.busy || tried[id] || e.failed > 0 && q.again == mostAgain || e.noRoom && q.full:
		case best == nil || e.failed < best.failed || e.failed == best.failed && id < best.id:
			best = e
		}
	}
	return best
}

// done takes in how an event went, and returns what is worth reporting: the brokers'
// refusal of an event only once. If the event failed, it waits again. Those that were
// refused before need not be tried again in this call.
func (q *wokenQueue) done(e *woken, err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.changed.Broadcast()
	q.busy--
	if e.failed > 0 {
		q.again--
	}
	before := e.noRoom
	e.noRoom = errors.Is(err, ticketing.TooManyEvents)
	if err == nil {
		return nil // it stays busy until the catalogue says that it has topics
	}
	e.busy = false
	e.failed++
	if e.noRoom {
		q.full = true
		if before {
			return nil
		}
	}
	return err
}

// stir makes those who wait in next look at their contexts.
func (q *wokenQueue) stir() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.changed.Broadcast()
}

func (q *wokenQueue) withoutRoom() (n int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, e := range q.events {
		if e.noRoom {
			n++
		}
	}
	return n
}
