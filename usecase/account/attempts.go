package account

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
)

// Limits of failed log-ins within AttemptWindow.
const (
	AttemptWindow     = 5 * time.Minute
	FailedPerAccount  = 10
	FailedPerAddress  = 200
	attemptsKeptAtAll = 100_000
)

// Attempts counts the failed log-ins of each account and each address, in the
// memory of this server. Failures and attempts under way are never more than the
// limit: one too many waits for another's end, so that many at once do not slip
// through, and those that are right are not refused for being many.
type Attempts struct {
	mu       sync.Mutex
	failed   map[string][]time.Time // oldest first
	underWay map[string]int
	ended    chan struct{} // closed when an attempt ends, then another
	swept    time.Time
}

// NewAttempts counts from nothing.
func NewAttempts() *Attempts {
	return &Attempts{failed: map[string][]time.Time{}, underWay: map[string]int{}, ended: make(chan struct{})}
}

// ThrottledError is a Throttled refusal that says when to try again.
type ThrottledError struct {
	RetryAfter time.Duration // > 0
	refusal    error
}

func (e *ThrottledError) Error() string { return e.refusal.Error() }

// Wait is RetryAfter.
func (e *ThrottledError) Wait() time.Duration { return e.RetryAfter }

// Unwrap is the refusal.
func (e *ThrottledError) Unwrap() error { return e.refusal }

// Attempt is one that has begun.
type Attempt struct {
	of   *Attempts
	keys [2]string
	at   time.Time
}

// Begin waits until an attempt may be made, or refuses it uncounted. Each is
// ended by End.
func (a *Attempts) Begin(ctx context.Context, email, address string, now func() time.Time) (Attempt, error) {
	keys := [2]string{"account " + email, "address " + address}
	for {
		at := now()
		wait, err := a.begin(keys, at)
		if wait == nil || err != nil {
			return Attempt{a, keys, at}, err
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return Attempt{}, domain.Refuse(domain.Unavailable, "unavailable", "too many log-ins at once; try again")
		}
	}
}

// begin answers what to wait for if there may be no further attempt now.
func (a *Attempts) begin(keys [2]string, now time.Time) (wait <-chan struct{}, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep(now)
	for i, limit := range [2]int{FailedPerAccount, FailedPerAddress} {
		times := a.recent(keys[i], now)
		if len(times) >= limit {
			wait := times[len(times)-limit].Add(AttemptWindow).Sub(now)
			return nil, &ThrottledError{max(wait, time.Second),
				domain.Refuse(domain.Throttled, "too_many_attempts", "too many failed log-ins; try again later")}
		}
		if len(times)+a.underWay[keys[i]] >= limit {
			wait = a.ended
		}
	}
	if wait == nil {
		for _, k := range keys {
			a.underWay[k]++
		}
	}
	return wait, nil
}

// End counts an attempt if it failed.
func (t Attempt) End(failed bool) {
	a := t.of
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range t.keys {
		if a.underWay[k]--; a.underWay[k] == 0 {
			delete(a.underWay, k)
		}
		if failed {
			a.failed[k] = append(a.failed[k], t.at)
			slices.SortFunc(a.failed[k], time.Time.Compare)
		}
	}
	close(a.ended)
	a.ended = make(chan struct{})
}

// recent drops what is out of the window.
func (a *Attempts) recent(key string, now time.Time) []time.Time {
	times := a.failed[key]
	for len(times) > 0 && now.Sub(times[0]) >= AttemptWindow {
		times = times[1:]
	}
	if len(times) == 0 {
		delete(a.failed, key)
		return nil
	}
	a.failed[key] = times
	return times
}

// sweep keeps the memory bounded: once a minute, or when there are very many.
func (a *Attempts) sweep(now time.Time) {
	if now.Sub(a.swept) < time.Minute && len(a.failed) < attemptsKeptAtAll {
		return
	}
	a.swept = now
	for k := range a.failed {
		a.recent(k, now)
	}
}
