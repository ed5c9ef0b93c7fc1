package booking

import (
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

const (
	// gatherRevisions is how long calls of Revisions are gathered.
	gatherRevisions = 300 * time.Millisecond
	// maxLookups is how many of them one statement serves.
	maxLookups     = 1000
	revisionsLimit = 5 * time.Second
)

// revisions gathers the calls of Revisions. Each open stream calls it every ten
// seconds, so that with many streams there would be more of these statements than
// bookings.
type revisions struct {
	mu      sync.Mutex
	waiting *lookups // nil: nobody waits
}

// lookups are calls that are served by one statement.
type lookups struct {
	buyers, events, limits []int64
	found                  []map[domain.BookingID]int64 // in the order of the calls
	err                    error
	done                   chan struct{} // closed once found and err are set
}

// Revisions implements port.Bookings.
func (s *Store) Revisions(ctx context.Context, f port.HistoryFilter) (map[domain.BookingID]int64, error) {
	group, n := s.joinLookups(f)
	select {
	case <-group.done:
		return group.found[n], group.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// joinLookups adds a call to those that wait, and returns its place among them. The
// first one starts the clock.
func (s *Store) joinLookups(f port.HistoryFilter) (group *lookups, n int) {
	r := &s.revisions
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.waiting == nil {
		started := &lookups{done: make(chan struct{})}
		r.waiting = started
		time.AfterFunc(gatherRevisions, func() { s.serve(started) })
	}
	group, n = r.waiting, len(r.waiting.buyers)
	group.buyers, group.events, group.limits = append(group.buyers, int64(f.Buyer)), append(group.events, int64(f.Event)), append(group.limits, int64(f.Limit))
	group.found = append(group.found, map[domain.BookingID]int64{})
	if n+1 == maxLookups {
		r.waiting = nil
	}
	return group, n
}

// serve answers a group, which nobody joins any more.
func (s *Store) serve(group *lookups) {
	s.revisions.mu.Lock()
	if s.revisions.waiting == group {
		s.revisions.waiting = nil
	}
	s.revisions.mu.Unlock()
	defer close(group.done)
	ctx, cancel := context.WithTimeout(context.Background(), revisionsLimit)
	defer cancel()
	rows, err := s.Timers.Query(ctx, `SELECT k.n, b.id, b.revision
		FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) WITH ORDINALITY AS k (buyer, event, most, n)
		CROSS JOIN LATERAL (SELECT id, revision FROM bookings WHERE buyer_id = k.buyer AND (k.event = 0 OR event_id = k.event)
			ORDER BY id DESC LIMIT k.most) b`, group.buyers, group.events, group.limits)
	if err != nil {
		group.err = err
		return
	}
	var (
		n        int
		id       [16]byte
		revision int64
	)
	_, group.err = pgx.ForEachRow(rows, []any{&n, &id, &revision}, func() error { group.found[n-1][id] = revision; return nil })
}
