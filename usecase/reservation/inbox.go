package reservation

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Assigned claims the partitions and answers where the journal says their
// command topics go on. Of an event that is not served nothing is read.
func (s *Server) Assigned(ctx context.Context, id domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, claimLimit)
	defer cancel()
	if err := s.waitLoaded(ctx, id); err != nil {
		return nil, err
	}
	wait, served := &claimWait{done: make(chan struct{})}, false
	err := s.mail.do(ctx, func() {
		if served = !s.unserved[id]; served {
			s.claim(id, ends, wait)
		}
	})
	if err != nil || !served {
		return nil, err
	}
	select {
	case <-wait.done:
	case <-ctx.Done():
		s.mail.post(func() {
			delete(s.claims, wait)
			s.trouble(id, ctx.Err())
		})
		return nil, fmt.Errorf("%w: claims of event %d were not read back: %w", ErrTrouble, id, ctx.Err())
	}
	from := map[port.Input]int64{}
	var lost error
	err = s.mail.do(ctx, func() { lost = s.positions(id, ends, from) })
	if err == nil {
		err = lost
	}
	return from, err
}

func (s *Server) waitLoaded(ctx context.Context, id domain.EventID) error {
	var loaded chan struct{}
	if err := s.mail.do(ctx, func() { loaded = s.loaded(id) }); err != nil {
		return err
	}
	select {
	case <-loaded:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("event %d is not loaded: %w", id, ctx.Err())
	}
}

// claim claims what is not owned yet; what is keeps its epoch.
func (s *Server) claim(id domain.EventID, ends map[port.Input]int64, wait *claimWait) {
	initEnds := map[domain.Partition]int64{}
	for input, end := range ends {
		if input.Action == message.SeatInitialization {
			initEnds[input.Partition] = end
		}
	}
	for p, end := range initEnds {
		l := s.events[id].lanes[p]
		wait.lanes = append(wait.lanes, l)
		if l.own == nil || !l.own.claimed {
			l.claim(end)
			continue
		}
		l.own.initEnd, l.own.parked = end, nil // parked commands are read again
	}
	s.claims[wait] = struct{}{}
	s.settleClaims()
}

func (s *Server) positions(id domain.EventID, ends map[port.Input]int64, from map[port.Input]int64) error {
	for input := range ends {
		own := s.events[id].lanes[input.Partition].own
		if own == nil || !own.claimed {
			return fmt.Errorf("%w: partition %d was lost while others were claimed", ErrTrouble, input.Partition)
		}
		position := own.working.Positions[input.Action]
		if position.TopicID != input.TopicID {
			position.Next = 0 // a topic made anew
		}
		from[input] = position.Next
	}
	return nil
}

// Revoked lets partitions go. What was appended is settled by whoever claims
// next.
func (s *Server) Revoked(id domain.EventID, inputs []port.Input) {
	_ = s.mail.do(s.ctx, func() {
		e, ok := s.events[id]
		if !ok {
			return
		}
		for _, input := range inputs {
			e.lanes[input.Partition].own = nil
		}
	})
}

// Deliver decides a batch of commands. It returns before the decisions were
// read back: what is lost of them is read again from the journal's positions.
func (s *Server) Deliver(ctx context.Context, id domain.EventID, batch []port.Delivery) error {
	var failed error
	err := s.mail.do(ctx, func() {
		e, ok := s.events[id]
		if !ok {
			failed = fmt.Errorf("%w: event %d is not known", ErrTrouble, id)
			return
		}
		for _, d := range batch {
			if failed = e.lanes[d.Input.Partition].deliver(d); failed != nil {
				s.trouble(id, failed)
				return
			}
		}
	})
	if err != nil {
		return err
	}
	return failed
}
