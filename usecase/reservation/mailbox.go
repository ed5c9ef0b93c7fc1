package reservation

import (
	"context"
	"sync"

	"github.com/onsale-tickets/onsale/domain/owner"
)

// mailbox hands mail to the goroutine of run, in order. It has no bound: what posts
// to it (delivery reports of a producer) must never wait for what it feeds (appends
// to that producer).
type mailbox struct {
	mu     sync.Mutex
	queue  []mail
	closed bool
	wake   chan struct{}
}

// mail is an input of a partition, or a function to run.
type mail struct {
	to    *partition
	input owner.Input
	run   func()
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// post queues m. It returns false, and drops m, after the end of run.
func (b *mailbox) post(m mail) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return false
	}
	b.queue = append(b.queue, m)
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// do runs f on the loop and blocks until it is done. The error is ctx's, or
// context.Canceled after the end of run.
func (b *mailbox) do(ctx context.Context, f func()) error {
	done := make(chan struct{})
	if !b.post(mail{run: func() { f(); close(done) }}) {
		return context.Canceled
	}
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// run handles mail until ctx is done. What was posted by then is handled too, so
// that nobody waits in do for ever.
func (b *mailbox) run(ctx context.Context, handle func(mail)) {
	var batch []mail
	for ended := false; ; {
		b.mu.Lock()
		batch, b.queue = b.queue, batch[:0]
		b.closed = ended
		b.mu.Unlock()
		for i := range batch {
			handle(batch[i])
			batch[i] = mail{}
		}
		switch {
		case len(batch) > 0:
			continue
		case ended:
			return
		}
		select {
		case <-b.wake:
		case <-ctx.Done():
			ended = true
		}
	}
}
