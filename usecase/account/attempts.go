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

// Attempts counts the failed log-ins of each account and each address in the
// memory of this server. Failures and running attempts together never exceed the
// limit: a further attempt waits until another ends. So many wrong attempts at
// once cannot exceed the limit, and many right ones at once are not refused.
type Attempts struct {
	mu      sync.Mutex
	failed  map[string][]time.Time // oldest first
	running map[string]int
	ended   chan struct{} // closed and replaced when an attempt ends
	swept   time.Time
}

// NewAttempts returns a counter without failures.
func NewAttempts() *Attempts {
	return &Attempts{failed: map[string][]time.Time{}, running: map[string]int{}, ended: make(chan struct{})}
}

// ThrottledError is a Throttled refusal with the time to wait.
type ThrottledError struct {
	RetryAfter time.Duration // > 0
	refusal    error
}

func (e *ThrottledError) Error() string { return e.refusal.Error() }

// Wait returns RetryAfter.
func (e *ThrottledError) Wait() time.Duration { return e.RetryAfter }

// Unwrap returns the refusal.
func (e *ThrottledError) Unwrap() error { return e.refusal }

// Attempt is a running attempt.
type Attempt struct {
	of   *Attempts
	keys [2]string
	at   time.Time
}

// Begin blocks until an attempt may be made, or refuses it. A refused attempt does
// not count. An attempt that began must be ended by End.
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

// begin returns a channel to wait for if the attempt may not be made yet.
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
		if len(times)+a.running[keys[i]] >= limit {
			wait = a.ended
		}
	}
	if wait == nil {
		for _, k := range keys {
			a.running[k]++
		}
	}
	return wait, nil
}

// End ends an attempt, and counts it if it failed.
func (t Attempt) End(failed bool) {
	a := t.of
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, k := range t.keys {
		if a.running[k]--; a.running[k] == 0 {
			delete(a.running, k)
		}
		if failed {
			a.failed[k] = append(a.failed[k], t.at)
			slices.SortFunc(a.failed[k], time.Time.Compare)
		}
	}
	close(a.ended)
	a.ended = make(chan struct{})
}

// recent returns the failures within the window and drops the others.
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

// sweep bounds the memory: once a minute, or when there are many failures.
func (a *Attempts) sweep(now time.Time) {
	if now.Sub(a.swept) < time.Minute && len(a.failed) < attemptsKeptAtAll {
		return
	}
	a.swept = now
	for k := range a.failed {
		a.recent(k, now)
	}
}
