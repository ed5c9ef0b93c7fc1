package httpapi

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// sessionCheck is the time between two looks at the session of a stream.
const sessionCheck = 250 * time.Millisecond

// watch ends streams with their sessions. One timer is for all of them: one for each
// would wake a server thousands of times a second.
type watch struct {
	mu      sync.Mutex
	streams map[*Stream]struct{}
	armed   bool // the timer runs
}

func newWatch() *watch { return &watch{streams: map[*Stream]struct{}{}} }

func (w *watch) add(s *Stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.streams[s] = struct{}{}
	w.arm()
}

func (w *watch) remove(s *Stream) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.streams, s)
}

// arm starts the timer unless it runs, or there is nothing to watch.
func (w *watch) arm() {
	if !w.armed && len(w.streams) > 0 {
		w.armed = true
		time.AfterFunc(sessionCheck, w.look)
	}
}

// look ends the streams whose session has ended, and arms the timer again.
func (w *watch) look() {
	w.mu.Lock()
	w.armed = false
	w.arm()
	streams := slices.Collect(maps.Keys(w.streams))
	w.mu.Unlock()
	for _, s := range streams {
		if !s.live() {
			s.cancel()
		}
	}
}
