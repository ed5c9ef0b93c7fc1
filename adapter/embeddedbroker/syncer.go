package embeddedbroker

import (
	"errors"
	"fmt"
	"os"
	"sync"
)

// atOnce is how many files a round syncs at the same time.
const atOnce = 16

// syncer makes files durable in rounds. A round takes all files that were written while
// the round before ran: the more there is to do, the more of it the disk does at once.
type syncer struct {
	sync func(*os.File) error

	mu      sync.Mutex
	next    *round // of the files that were written since the current round began
	current *round // the one that runs
	failed  error  // of the first sync that failed: what is on disk is unknown since
}

// round is a set of files that are synced together.
type round struct {
	files map[*syncedFile]struct{}
	done  chan struct{} // closed at the end
	err   error         // to be read after that
}

// written lets f take part in the next round.
func (s *syncer) written(f *syncedFile) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.next == nil {
		s.next = &round{files: map[*syncedFile]struct{}{}, done: make(chan struct{})}
	}
	s.next.files[f] = struct{}{}
}

// pending returns the round after which all that was written until now is durable, or
// nil if it is already. It starts the round, unless another one runs before it.
func (s *syncer) pending() (*round, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.failed != nil:
		return nil, s.failed
	case s.next == nil:
		return s.current, nil
	}
	r := s.next
	if s.current == nil {
		s.current, s.next = r, nil
		go s.run(r)
	}
	return r, nil
}

// run runs rounds until nothing is left to be synced.
func (s *syncer) run(r *round) {
	for r != nil {
		r.err = flushAll(r.files)
		close(r.done)
		s.mu.Lock()
		r, s.current, s.next = s.next, s.next, nil
		s.mu.Unlock()
	}
}

// fail remembers an error for ever, and returns it: after a sync that failed, Linux
// may have dropped what was to be written, and a later sync says nothing of it.
func (s *syncer) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed == nil {
		s.failed = err
		fmt.Fprintln(os.Stderr, "[ERROR] the embedded broker answers nobody any more, because the disk failed:", err)
	}
	return err
}

func flushAll(files map[*syncedFile]struct{}) error {
	todo := make(chan *syncedFile, len(files))
	for f := range files {
		todo <- f
	}
	close(todo)
	workers := min(atOnce, len(files))
	errs := make(chan error, workers)
	flush := func() {
		var err error
		for f := range todo {
			err = errors.Join(err, f.flush())
		}
		errs <- err
	}
	for range workers - 1 {
		go flush()
	}
	flush()
	var err error
	for range workers {
		err = errors.Join(err, <-errs)
	}
	return err
}
