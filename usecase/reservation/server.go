package reservation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/port"
)

// ErrOwnershipLost is in the chain of every error that gives a membership up.
var ErrOwnershipLost = errors.New("ownership of seats is lost")

// Deps are what a Server needs.
type Deps struct {
	Journal     port.Journal
	Seats       port.SeatStore
	Publisher   port.Publisher
	DeadLetters port.DeadLetters
	Catalogue   port.Catalogue // asked for what a reader of seats needs of a sleeping event
	Wakes       port.Wakes
	Feed        port.SeatFeed
	Meter       port.SeatMeter
	ServerID    string           // named in claims, for people
	Now         func() time.Time // the clock
	Nonce       func() uint64    // a new number for each claim
	Log         *slog.Logger
}

// Server is the seat owner: a port.Inbox for the commands of its partitions, and
// the reader of the journals of the events that are awake or looked at. Only the goroutine of Run touches its
// state.
type Server struct {
	deps    Deps
	mail    *mailbox
	events  map[domain.EventID]*event
	ordered []*event      // the same, in a fixed order, so that a simulation can be repeated
	loads   chan struct{} // holds an element for each event that is being loaded
	lost    chan domain.EventID
	effects []owner.Effect // a buffer for the next step
	retry   bool           // a Retry is under way
	failure error

	ctx  context.Context
	stop context.CancelCauseFunc
	jobs sync.WaitGroup
}

const (
	tickEvery  = time.Second
	retryAfter = 100 * time.Millisecond // for what was not acknowledged
	manyLoads  = 4                      // events that are loaded at once
)

// NewServer returns a server that does nothing until Run.
func NewServer(deps Deps) *Server {
	return &Server{deps: deps, mail: newMailbox(), events: map[domain.EventID]*event{},
		loads: make(chan struct{}, manyLoads), lost: make(chan domain.EventID, 1024)}
}

// Run serves until ctx is done. It returns an error if the seat store cannot be
// written, or the catalogue cannot be followed: the process should end then.
func (s *Server) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	s.ctx, s.stop = ctx, cancel
	s.background(func() {
		if err := s.deps.Wakes.Follow(ctx, s.attend); err != nil && ctx.Err() == nil {
			s.post(func() { s.fail(fmt.Errorf("follow the events: %w", err)) })
		}
	})
	s.background(func() {
		tick := time.NewTicker(tickEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.post(s.tick)
			case <-ctx.Done():
				return
			}
		}
	})
	s.mail.run(ctx, s.handle)
	s.jobs.Wait()
	return s.failure
}

func (s *Server) post(f func()) { s.mail.post(mail{run: f}) }

func (s *Server) handle(m mail) {
	if m.run != nil {
		m.run()
		return
	}
	s.step(m.to, m.input)
}

// background runs f beside the loop. Run waits for it.
func (s *Server) background(f func()) { s.jobs.Go(f) }

// fail stops the server.
func (s *Server) fail(err error) {
	if s.failure != nil {
		return
	}
	s.failure = err
	s.deps.Log.Error("seat reservation stops", "error", err)
	for _, e := range s.events {
		e.endWaits(err)
	}
	s.stop(err)
}

// tick passes each second on.
func (s *Server) tick() {
	for _, e := range slices.Clone(s.ordered) {
		for _, p := range e.partitions {
			s.step(p, owner.Tick{})
		}
		s.tickWaits(e)
		s.announce(e)
		s.tickNeed(e)
	}
}

// retryLater sends again, after a while, what was not acknowledged.
func (s *Server) retryLater() {
	if s.retry {
		return
	}
	s.retry = true
	time.AfterFunc(retryAfter, func() {
		s.post(func() {
			s.retry = false
			for _, e := range s.ordered {
				for _, p := range e.partitions {
					s.step(p, owner.Retry{})
				}
			}
		})
	})
}

// forget drops what the server has of an event.
func (s *Server) forget(e *event) {
	delete(s.events, e.id)
	s.ordered = slices.DeleteFunc(s.ordered, func(one *event) bool { return one == e })
}

// event returns what the server has of an event, new if it has nothing.
func (s *Server) event(id domain.EventID) *event {
	e, ok := s.events[id]
	if !ok {
		e = &event{id: id}
		s.events[id] = e
		s.ordered = append(s.ordered, e)
	}
	return e
}
