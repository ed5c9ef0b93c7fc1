package bookingapi

import (
	"sync"
	"time"
)

// alone wakes open streams every second while the feed of other servers is down. One
// goroutine looks for all of them: a ticker for each of a thousand streams would wake
// the process a thousand times a second, nearly always for nothing.
type alone struct {
	complete func() bool // the feed of other servers works

	mu      sync.Mutex
	streams int
	round   chan struct{} // closed when the streams shall read
	end     chan struct{} // ends the goroutine; nil while there is no stream
}

// enter starts to look for one more stream, until leave.
func (a *alone) enter() (leave func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.streams++; a.streams == 1 {
		a.round, a.end = make(chan struct{}), make(chan struct{})
		go a.look(a.end)
	}
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.streams--; a.streams == 0 {
			close(a.end)
		}
	}
}

// next returns a channel that is closed when the streams shall read next.
func (a *alone) next() <-chan struct{} {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.round
}

func (a *alone) look(end <-chan struct{}) {
	tick := time.NewTicker(rereadAlone)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			if !a.complete() {
				a.wake()
			}
		case <-end:
			return
		}
	}
}

func (a *alone) wake() {
	a.mu.Lock()
	defer a.mu.Unlock()
	close(a.round)
	a.round = make(chan struct{})
}
