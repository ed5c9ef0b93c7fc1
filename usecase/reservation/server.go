package reservation

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// Deps are what a Server needs.
type Deps struct {
	Journal     port.Journal
	Seats       port.SeatStore
	Publisher   port.Publisher
	DeadLetters port.DeadLetters
	Catalogue   port.Catalogue
	Feed        port.SeatFeed
	Meter       port.SeatMeter
	ServerID    string           // told in claims, for people
	Now         func() time.Time // the clock
	Nonce       func() uint64    // a new number for each claim
	Log         *slog.Logger
}

// Server is the seat owner: a port.Inbox for the commands of its partitions
// and a port.JournalReader for all of them. Its state is touched by the
// goroutine of Run alone.
type Server struct {
	deps     Deps
	mail     *mailbox
	finder   seating.Finder
	events   map[domain.EventID]*event
	known    map[domain.EventID]chan struct{} // closed when the event is loaded
	unserved map[domain.EventID]bool          // their journal is another than the catalogue's
	claims   map[*claimWait]struct{}
	doubts   chan domain.EventID
	failure  error

	// accept is the fold rule; a test takes the epoch check out of it.
	accept func(*journal.Fold, journal.Entry) bool
	// spawn starts what may block beside the loop; a test runs it at once.
	spawn func(func())
	// after calls a function after a while; a test, when it likes.
	after func(time.Duration, func())

	ctx  context.Context
	stop context.CancelCauseFunc
	jobs sync.WaitGroup
}

// event is what the server holds of one event.
type event struct {
	lanes   [domain.Partitions]*lane
	version int64 // of what the feed was told
}

// claimWait waits until some lanes own their partition.
type claimWait struct {
	lanes []*lane
	done  chan struct{}
}

// NewServer makes a server; Run starts it.
func NewServer(deps Deps) *Server {
	return &Server{
		deps: deps, mail: newMailbox(),
		events: map[domain.EventID]*event{}, known: map[domain.EventID]chan struct{}{}, unserved: map[domain.EventID]bool{},
		claims: map[*claimWait]struct{}{}, doubts: make(chan domain.EventID, 1024),
		accept: (*journal.Fold).Accept, spawn: func(f func()) { go f() },
		after: func(d time.Duration, f func()) { time.AfterFunc(d, f) },
	}
}

// Times of the loop.
const (
	claimLimit      = 6 * time.Second // a claim that was not read back by then is trouble
	checkpointEvery = time.Second
)

// Run works until ctx is done, or until the state on this machine cannot be
// trusted or written any more: then the error says why, and the process should
// end loudly.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.ctx = ctx
	s.background(func() {
		if err := s.deps.Catalogue.Follow(ctx, s.follow); err != nil && ctx.Err() == nil {
			s.mail.post(func() { s.fail(fmt.Errorf("follow the catalogue: %w", err)) })
		}
	})
	s.background(func() {
		tick := time.NewTicker(checkpointEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.mail.post(s.checkpoints)
			case <-ctx.Done():
				return
			}
		}
	})
	s.stop = cancel
	s.mail.run(ctx)
	s.jobs.Wait()
	if cause := context.Cause(ctx); cause != context.Canceled && cause != context.DeadlineExceeded {
		return cause
	}
	return nil
}

func (s *Server) background(f func()) {
	s.jobs.Add(1)
	s.spawn(func() { defer s.jobs.Done(); f() })
}

func (s *Server) now() int64 { return s.deps.Now().UnixMicro() }

func (s *Server) later(d time.Duration, f func()) {
	s.after(d, func() { s.mail.post(f) })
}

// fail stops the server: what it cannot write or trust it must not serve.
func (s *Server) fail(err error) {
	if s.failure == nil {
		s.failure = err
		s.stop(err)
		s.deps.Log.Error("seat reservation stops", "error", err)
	}
}

// checkpoints is the second hand of all lanes.
func (s *Server) checkpoints() {
	for _, e := range s.events {
		for _, l := range e.lanes {
			l.checkpoint()
		}
	}
}

// trouble drops what this server believed to own of an event.
func (s *Server) trouble(id domain.EventID, why error) {
	e, ok := s.events[id]
	if !ok {
		return
	}
	s.deps.Log.Warn("ownership given up", "event_id", int64(id), "error", why)
	for _, l := range e.lanes {
		l.own = nil
	}
	select {
	case s.doubts <- id:
	default: // the driving adapter learns it from the next Deliver
	}
}

// Trouble yields events whose membership must be given up and taken again.
func (s *Server) Trouble() <-chan domain.EventID { return s.doubts }

// Read is the follower's way in.
func (s *Server) Read(id domain.EventID, p domain.Partition, entries []journal.Entry) {
	_ = s.mail.do(s.ctx, func() {
		e, ok := s.events[id]
		if !ok || s.failure != nil {
			return
		}
		e.lanes[p].read(entries)
		s.settleClaims()
	})
}

func (s *Server) settleClaims() {
	for w := range s.claims {
		if w.settled() {
			delete(s.claims, w)
			close(w.done)
		}
	}
}

func (w *claimWait) settled() bool {
	for _, l := range w.lanes {
		if l.own == nil || !l.own.claimed {
			return false
		}
	}
	return true
}
