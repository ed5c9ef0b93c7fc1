package account

import (
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
// memory of this server. An attempt counts from its beginning, so that many at
// once do not slip through, and is forgotten when it succeeds.
type Attempts struct {
	mu     sync.Mutex
	failed map[string][]time.Time // oldest first
	swept  time.Time
}

// NewAttempts counts from nothing.
func NewAttempts() *Attempts { return &Attempts{failed: map[string][]time.Time{}} }

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

// Begin counts an attempt, or refuses it uncounted.
func (a *Attempts) Begin(email, address string, now time.Time) (Attempt, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sweep(now)
	keys := [2]string{"account " + email, "address " + address}
	for i, limit := range [2]int{FailedPerAccount, FailedPerAddress} {
		if times := a.recent(keys[i], now); len(times) >= limit {
			wait := times[len(times)-limit].Add(AttemptWindow).Sub(now)
			return Attempt{}, &ThrottledError{max(wait, time.Second),
				domain.Refuse(domain.Throttled, "too_many_attempts", "too many failed log-ins; try again later")}
		}
	}
	for _, k := range keys {
		a.failed[k] = append(a.failed[k], now)
	}
	return Attempt{a, keys, now}, nil
}

// Forget takes an attempt out of the count: it did not fail.
func (t Attempt) Forget() {
	t.of.mu.Lock()
	defer t.of.mu.Unlock()
	for _, k := range t.keys {
		times := t.of.failed[k]
		for i := range times {
			if times[i].Equal(t.at) {
				t.of.failed[k] = append(times[:i], times[i+1:]...)
				break
			}
		}
		if len(t.of.failed[k]) == 0 {
			delete(t.of.failed, k)
		}
	}
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
