package reservation

import (
	"cmp"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/owner"
	"github.com/onsale-tickets/onsale/port"
)

// step passes an input to a partition and performs the effects in their order. It
// stops at the first effect that fails: nothing is told that was not stored.
func (s *Server) step(p *partition, in owner.Input) {
	if s.failure != nil {
		return
	}
	effects := p.Step(in, s.deps.Now().UnixMicro(), s.effects[:0])
	s.effects = nil // an effect may lead to another step
	for _, effect := range effects {
		if err := s.perform(p, effect); err != nil {
			s.fail(err)
			break
		}
	}
	clear(effects)
	s.effects = effects
}

func (s *Server) perform(p *partition, effect owner.Effect) error {
	e := p.event
	switch effect := effect.(type) {
	case owner.Append:
		s.deps.Journal.Append(e.id, p.number, effect.Record, p.appended(s, effect.Nonce))
	case owner.Store:
		if err := s.deps.Seats.Write(effect.Batch); err != nil {
			return fmt.Errorf("store seats of event %d partition %d: %w", e.id, p.number, err)
		}
	case owner.Tell:
		e.version++
		s.deps.Feed.SeatsChanged(e.id, port.SeatChanges{Version: e.version, Seats: effect.Seats, NewSections: effect.NewSections})
	case owner.Send:
		s.send(p, effect)
	case owner.Repeat:
		s.deps.Publisher.Send(effect.Message, func(error) {})
	case owner.Bury:
		s.bury(p, effect)
	case owner.Reread:
		s.background(func() { s.reread(p, effect) })
	case owner.RetryLater:
		s.retryLater()
	case owner.Redeliver:
		for _, c := range effect.Commands {
			if !p.Owned() {
				break // lost by the command before; all are delivered again
			}
			s.command(p, c)
		}
	case owner.Owned:
		s.deps.Meter.Claimed()
		e.settleWaits()
	case owner.LostOwnership:
		s.lose(e, effect.Reason)
	case owner.Unfit:
		p.fail(fmt.Errorf("journal of event %d partition %d: the record at offset %d has seats that section %q does not have", e.id, p.number, effect.Offset, effect.Record.Section))
	case owner.Oversold:
		s.deps.Meter.Oversold(effect.Seats)
		s.deps.Log.Error("seats were given away twice", "event_id", int64(e.id), "booking_id", effect.BookingID.String(), "seats", effect.Seats)
	case owner.Observed:
		for range effect.Skipped {
			s.deps.Meter.Skipped()
		}
		for _, took := range effect.ReadBack {
			s.deps.Meter.ReadBack(time.Duration(took) * time.Microsecond)
		}
	}
	return nil
}

// command looks up the outcome of the command's booking and lets the partition
// decide.
func (s *Server) command(p *partition, c owner.Command) {
	if id := c.Booking(); !id.IsZero() {
		o, found, err := s.deps.Seats.Outcome(p.event.id, id)
		if err != nil {
			s.lose(p.event, fmt.Errorf("outcome of booking %s: %w", id, err))
			return
		}
		if found {
			c.Outcome = &o
		}
	}
	s.step(p, c)
}

func (s *Server) send(p *partition, effect owner.Send) {
	s.deps.Publisher.Send(effect.Message, func(err error) { s.report(p, effect.Nonce, effect.Offset, effect, err) })
}

// report passes on what became of a Send or a Bury.
func (s *Server) report(p *partition, nonce uint64, offset int64, effect owner.Effect, err error) {
	if err == nil {
		s.mail.post(mail{to: p, input: owner.Acknowledged{Nonce: nonce, Offset: offset}})
		return
	}
	s.deps.Log.Warn("not acknowledged, tried again", "event_id", int64(p.event.id), "partition", int(p.number), "offset", offset, "error", err)
	s.mail.post(mail{to: p, input: owner.NotAcknowledged{Nonce: nonce, Effect: effect}})
}

// bury queues a dead letter: an event's letters are buried one after the other.
func (s *Server) bury(p *partition, effect owner.Bury) {
	e := p.event
	e.letters = append(e.letters, letter{p, effect})
	if len(e.letters) == 1 {
		s.buryNext(e)
	}
}

// letter is a command that is to be buried.
type letter struct {
	from *partition
	owner.Bury
}

func (s *Server) buryNext(e *event) {
	l := e.letters[0]
	s.background(func() {
		err := s.deps.DeadLetters.Bury(s.ctx, deadLetter(l))
		s.report(l.from, l.Nonce, l.Offset, l.Bury, err)
		s.post(func() {
			if e.letters = e.letters[1:]; len(e.letters) > 0 {
				s.buryNext(e)
			}
		})
	})
}

// deadLetter is the letter about a rejected command.
func deadLetter(l letter) port.DeadLetter {
	return port.DeadLetter{Input: port.Input{Event: l.from.event.id, Action: l.Cause.Action, Partition: l.from.number, TopicID: l.Cause.TopicID},
		Offset: l.Cause.Offset, Reason: l.Reason}
}

// reread reads a part of the journal again.
func (s *Server) reread(p *partition, effect owner.Reread) {
	var entries []journal.Entry
	var err error
	if effect.From < effect.To {
		err = s.deps.Journal.Range(s.ctx, p.event.id, p.number, effect.From, effect.To, func(e journal.Entry) { entries = append(entries, e) })
	}
	var in owner.Input = owner.RereadDone{Nonce: effect.Nonce, Entries: entries}
	if err != nil {
		in = owner.RereadFailed{Nonce: effect.Nonce, Err: err}
	}
	s.mail.post(mail{to: p, input: in})
}

// lose gives up what this server owns of an event. The driving adapter learns it
// from the call that is under way, or by OwnershipLost.
func (s *Server) lose(e *event, reason error) {
	if s.ctx.Err() == nil {
		s.deps.Log.Warn("ownership given up", "event_id", int64(e.id), "error", reason)
	}
	e.revoke()
	err := fmt.Errorf("%w: %w", ErrOwnershipLost, reason)
	switch {
	case e.delivering:
		e.failed = cmp.Or(e.failed, err)
	case len(e.waits) > 0:
		e.endWaits(err)
	default:
		e.unreported = true
		s.announce(e)
	}
}

// announce reports a loss by OwnershipLost, if there is room: if not, at the next
// tick.
func (s *Server) announce(e *event) {
	if !e.unreported {
		return
	}
	select {
	case s.lost <- e.id:
		e.unreported = false
	default:
	}
}

var _ port.OwnershipReporter = (*Server)(nil)

// OwnershipLost returns the events whose membership must be given up and taken
// again.
func (s *Server) OwnershipLost() <-chan domain.EventID { return s.lost }
