package reservation

import (
	"context"
	"sync"
)

// mailbox runs functions one after the other on the goroutine of run. It has no
// bound, because what posts to it (delivery reports of a producer) must never
// wait for what it feeds (appends to that producer).
type mailbox struct {
	mu     sync.Mutex
	queue  []func()
	closed bool
	wake   chan struct{}
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// post queues f; after the end of run it is dropped.
func (m *mailbox) post(f func()) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return false
	}
	m.queue = append(m.queue, f)
	select {
	case m.wake <- struct{}{}:
	default:
	}
	return true
}

// do runs f on the loop and waits until it is done. An error is ctx's, or
// context.Canceled after the end of run.
func (m *mailbox) do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	if !m.post(func() { f(); close(done) }) {
		return context.Canceled
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// drain runs what is queued and answers whether there was anything.
func (m *mailbox) drain() bool {
	m.mu.Lock()
	queue := m.queue
	m.queue = nil
	m.mu.Unlock()
	for _, f := range queue {
		f()
	}
	return len(queue) > 0
}

// run drains until ctx is done. Whoever waits in do is let go by its own ctx.
func (m *mailbox) run(ctx context.Context) {
	for {
		for m.drain() {
		}
		select {
		case <-m.wake:
		case <-ctx.Done():
			m.mu.Lock()
			m.closed = true
			m.mu.Unlock()
			m.drain()
			return
		}
	}
}
