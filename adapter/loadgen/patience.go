package loadgen

import (
	"fmt"
	"net/http"
	"sync"
	"time"
)

// defaultPatience is how long a load waits while nothing happens.
const defaultPatience = 30 * time.Second

// patience returns how long a load waits while nothing happens.
func (l Load) patience() time.Duration {
	if l.Patience > 0 {
		return l.Patience
	}
	return defaultPatience
}

// patience notices that numbers stopped changing. A load that waits for them would
// wait for ever.
type patience[N comparable] struct {
	limit time.Duration
	last  N
	since time.Time
}

// patient returns a patience that begins now.
func patient[N comparable](limit time.Duration) *patience[N] {
	return &patience[N]{limit: limit, since: time.Now()}
}

// lost reports whether the numbers have been the same for too long.
func (p *patience[N]) lost(now N) bool {
	if now != p.last {
		p.last, p.since = now, time.Now()
	}
	return time.Since(p.since) > p.limit
}

// counts are the bookings that were accepted and those whose buyers were told.
type counts struct{ accepted, told int }

// silence says whom a load waited for in vain.
func (c counts) silence(limit time.Duration) error {
	return fmt.Errorf("nothing happened for %s: %d bookings were accepted, and the buyers of %d were told", limit, c.accepted, c.told)
}

// refusal describes a request that was not answered by 200. It is nil while there is
// none, and keeps the first.
type refusal struct {
	mu    sync.Mutex
	first error
}

// note keeps the response to a refused request, or the error of its connection.
func (r *refusal) note(status int, body []byte, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.first != nil:
	case err != nil:
		r.first = err
	default:
		r.first = fmt.Errorf("the answer was %d %s: %.200s", status, http.StatusText(status), body)
	}
}

func (r *refusal) get() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first
}
