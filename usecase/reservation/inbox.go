package reservation

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.Inbox = (*Server)(nil)

// claimWait is a call of Assigned that waits for its claims to be read back.
type claimWait struct {
	inputs map[port.Input]int64 // with the end of each
	ticks  int
	done   chan struct{}
	from   map[port.Input]int64
	err    error
}

// waitTicks is how many seconds Assigned waits for its event to be loaded, and then
// for its claims. A claim that is not read back is given up before that.
const waitTicks = 7

// Assigned claims the partitions and returns where their command topics go on,
// which the journal says. It blocks until the claims are read back, or ownership
// is lost, or ctx is done. Of an event that is not served nothing is read.
func (s *Server) Assigned(ctx context.Context, id domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	w := &claimWait{inputs: ends, done: make(chan struct{})}
	if err := s.mail.do(ctx, func() { s.assigned(s.event(id), w) }); err != nil {
		s.post(func() { s.abandon(id, w) }) // it may have been queued
		return nil, err
	}
	select {
	case <-w.done:
		return w.from, w.err
	case <-ctx.Done():
		s.post(func() { s.abandon(id, w) })
		return nil, fmt.Errorf("%w: claims of event %d: %w", ErrOwnershipLost, id, ctx.Err())
	case <-s.ctx.Done():
		return nil, fmt.Errorf("%w: the server stops", ErrOwnershipLost)
	}
}

func (s *Server) assigned(e *event, w *claimWait) {
	e.idle = false
	switch {
	case s.failure != nil:
		w.err = s.failure
		close(w.done)
	case e.problem != nil:
		e.idle = true
		close(w.done)
	default:
		e.waits = append(e.waits, w)
		if len(e.partitions) > 0 {
			s.claim(e, w)
			e.settleWaits()
		}
	}
}

// claim claims the partitions of a wait. A partition that is owned keeps its claim.
func (s *Server) claim(e *event, w *claimWait) {
	w.ticks = 0
	for _, p := range e.partitions {
		for input, end := range w.inputs {
			if input.Action == message.SeatInitialization && input.Partition == p.number {
				s.step(p, owner.Assigned{Nonce: s.deps.Nonce(), InitEnd: end})
			}
		}
	}
}

// settleWaits ends the waits whose partitions are all owned.
func (e *event) settleWaits() {
	waiting := e.waits[:0]
	for _, w := range e.waits {
		if !e.owns(w) {
			waiting = append(waiting, w)
			continue
		}
		w.from = map[port.Input]int64{}
		for input := range w.inputs {
			w.from[input] = e.partitions[input.Partition].Position(input.Action, input.TopicID)
		}
		close(w.done)
	}
	e.waits = waiting
}

func (e *event) owns(w *claimWait) bool {
	for input := range w.inputs {
		if len(e.partitions) == 0 || !e.partitions[input.Partition].Owned() {
			return false
		}
	}
	return true
}

// endWaits ends all waits: with an error, or with nothing to read.
func (e *event) endWaits(err error) {
	for _, w := range e.waits {
		w.err = err
		close(w.done)
	}
	e.waits = nil
}

// tickWaits ends waits that take too long.
func (s *Server) tickWaits(e *event) {
	for _, w := range e.waits {
		if w.ticks++; w.ticks <= waitTicks {
			continue
		}
		why := "not every partition is claimed"
		if len(e.partitions) == 0 {
			why = "the event is not loaded yet"
		}
		s.lose(e, errors.New(why))
		return
	}
}

// abandon ends a wait whose caller is gone.
func (s *Server) abandon(id domain.EventID, w *claimWait) {
	e, known := s.events[id]
	if !known {
		return
	}
	for i, waiting := range e.waits {
		if waiting == w {
			e.waits = append(e.waits[:i], e.waits[i+1:]...)
			e.revoke()
			return
		}
	}
}

// Revoked lets partitions go. What was appended is decided by whoever claims next.
func (s *Server) Revoked(id domain.EventID, inputs []port.Input) {
	_ = s.mail.do(s.ctx, func() {
		e, known := s.events[id]
		if !known {
			return
		}
		e.idle = false
		if len(e.partitions) == 0 {
			return
		}
		for _, input := range inputs {
			s.step(e.partitions[input.Partition], owner.Revoked{})
		}
	})
}

// Deliver decides a batch of commands. It returns before the decisions are read
// back: what is lost of them is delivered again, from the positions in the journal.
func (s *Server) Deliver(ctx context.Context, id domain.EventID, batch []port.Delivery) error {
	var failed error
	err := s.mail.do(ctx, func() { failed = s.deliver(s.event(id), batch) })
	if err != nil {
		return err
	}
	return failed
}

func (s *Server) deliver(e *event, batch []port.Delivery) error {
	if len(e.partitions) == 0 {
		return fmt.Errorf("%w: event %d is not served", ErrOwnershipLost, e.id)
	}
	e.delivering, e.failed = true, nil
	defer func() { e.delivering = false }()
	for i := range batch {
		s.command(e.partitions[batch[i].Input.Partition], commandOf(&batch[i]))
		if e.failed != nil || s.failure != nil {
			return errors.Join(e.failed, s.failure)
		}
	}
	return nil
}

func commandOf(d *port.Delivery) owner.Command {
	c := owner.Command{Cause: journal.Cause{Action: d.Input.Action, TopicID: d.Input.TopicID, Offset: d.Offset},
		Body: d.Envelope.Body, TraceParent: d.Envelope.TraceParent}
	if d.Poison != nil {
		c.Poison = &owner.Poison{Why: d.Poison.Error(), Foreign: errors.Is(d.Poison, port.ErrForeignPartition), Booking: d.Booking, Section: d.Section}
	}
	return c
}
