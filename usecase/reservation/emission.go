package reservation

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// NotProcessable is the failure reason of a booking whose command was rejected.
const NotProcessable = "not_processable"

// emission is an accepted record with the fold as it was before it.
type emission struct {
	before journal.Mark
	entry  journal.Entry
}

// pending is an emission whose messages are not all acknowledged.
type pending struct {
	before journal.Mark
	left   int
}

// emissions are the unacknowledged ones in journal order. The first may stand
// for everything from an emission mark up to the claim.
type emissions struct {
	queue []*pending
}

// reset forgets all and waits for what lies between a mark and the claim.
func (q *emissions) reset(from journal.Mark) {
	q.queue = []*pending{{before: from, left: 1}}
}

func (q *emissions) add(p *pending) { q.queue = append(q.queue, p) }

// oldest is the mark to start again from; false if all is acknowledged.
func (q *emissions) oldest() (journal.Mark, bool) {
	for len(q.queue) > 0 && q.queue[0].left == 0 {
		q.queue = q.queue[1:]
	}
	if len(q.queue) == 0 {
		return journal.Mark{}, false
	}
	return q.queue[0].before, true
}

// emit sends the messages of a record that this server read back as its own, in
// the trace of its request.
func (l *lane) emit(a emission, trace string) {
	r := &a.entry.Record
	envelopes := l.envelopes(r, a.entry.Offset)
	rejected := r.Kind == journal.CommandRejected
	p := &pending{before: a.before, left: len(envelopes)}
	if rejected {
		p.left++
	}
	if p.left == 0 {
		return
	}
	l.emissions.add(p)
	for _, e := range envelopes {
		e.TraceParent = trace
		l.server.send(l, l.own, e, p)
	}
	if rejected {
		l.server.bury(l, l.own, r, p)
	}
}

// envelopes are the messages that a record leads to. They depend on the record
// and its offset alone, so that a repeat has the same id and equal data.
func (l *lane) envelopes(r *journal.Record, offset int64) []message.Envelope {
	switch {
	case r.Kind == journal.SeatsReserved, r.Kind == journal.ReservationRefused,
		r.Kind == journal.CommandRejected && !r.BookingID.IsZero():
		return l.answer(l.outcome(r, offset))
	}
	return nil
}

// answer are the messages that tell an outcome.
func (l *lane) answer(o port.Outcome) []message.Envelope {
	if o.Reason != "" {
		return []message.Envelope{l.envelope(message.BookingUpdatedToFailed{
			EventID: l.event, BookingID: o.BookingID, Section: o.Section, Reason: o.Reason}, o)}
	}
	held := message.Held{EventID: l.event, BookingID: o.BookingID, BuyerID: o.BuyerID, Section: o.Section,
		Seats: l.seatIDs(o.Section, o.Seats), Hold: o.Hold, UnitPrice: o.UnitPrice, ReservedAt: time.UnixMicro(o.At).UTC()}
	return []message.Envelope{
		l.envelope(message.SeatUpdatedToReserved{Held: held}, o),
		l.envelope(message.BookingUpdatedToPendingPayment{Held: held}, o),
	}
}

func (l *lane) seatIDs(section string, at []seating.Index) []domain.SeatID {
	s, ok := l.folded.Section(section)
	if !ok {
		return nil
	}
	return s.Map.Plan().Seats(at)
}

func (l *lane) envelope(m message.Message, o port.Outcome) message.Envelope {
	return message.Envelope{
		ID:        m.Action().Flow().Message + "-" + l.event.String() + "-" + strconv.Itoa(int(l.number)) + "-" + strconv.FormatInt(o.Offset, 10),
		Time:      time.UnixMicro(o.At).UTC(),
		Partition: l.number,
		Body:      m,
	}
}

// answerAgain repeats the answer of a request that was settled before. Nobody
// waits for it to be acknowledged: whoever needs it asks again.
func (l *lane) answerAgain(o port.Outcome, trace string) {
	for _, e := range l.answer(o) {
		e.TraceParent = trace
		l.server.deps.Publisher.Send(e, func(error) {})
	}
}

// again is how long a message waits that could not be sent.
const again = 100 * time.Millisecond

// send sends until it is acknowledged or the ownership is gone; the next owner
// starts from the emission mark.
func (s *Server) send(l *lane, own *ownership, e message.Envelope, p *pending) {
	s.deps.Publisher.Send(e, func(err error) {
		s.mail.post(func() {
			switch {
			case l.own != own:
			case err == nil:
				p.left--
				own.dirty = true
			default:
				s.deps.Log.Warn("message not acknowledged, sent again", "event_id", int64(l.event), "message_id", e.ID, "error", err)
				s.later(again, func() { s.resend(l, own, e, p) })
			}
		})
	})
}

func (s *Server) resend(l *lane, own *ownership, e message.Envelope, p *pending) {
	if l.own == own {
		s.send(l, own, e, p)
	}
}

// bury puts a rejected command among the dead letters, until it is there.
func (s *Server) bury(l *lane, own *ownership, r *journal.Record, p *pending) {
	letter := port.DeadLetter{Input: port.Input{Event: l.event, Action: r.Cause.Action, Partition: l.number, TopicID: r.Cause.TopicID},
		Offset: r.Cause.Offset, Reason: r.Reason}
	s.background(func() {
		err := s.deps.DeadLetters.Bury(s.ctx, letter)
		s.mail.post(func() {
			switch {
			case l.own != own:
			case err == nil:
				p.left--
				own.dirty = true
			default:
				s.later(again, func() {
					if l.own == own {
						s.bury(l, own, r, p)
					}
				})
			}
		})
	})
}

// reread sends again what was decided between an emission mark and the claim.
func (s *Server) reread(l *lane, own *ownership, from journal.Mark, to int64) {
	s.background(func() {
		var entries []journal.Entry
		var err error
		if from.Offset < to {
			err = s.deps.Journal.Range(s.ctx, l.event, l.number, from.Offset, to, func(e journal.Entry) { entries = append(entries, e) })
		}
		s.mail.post(func() {
			if l.own != own {
				return
			}
			if err != nil {
				s.trouble(l.event, fmt.Errorf("read partition %d again from %d: %w", l.number, from.Offset, err))
				return
			}
			fold := journal.FoldFrom(from)
			for _, e := range entries {
				before := fold.Mark()
				if s.accept(&fold, e) {
					l.emit(emission{before: before, entry: e}, "")
				}
			}
			// What stood for all of them is settled: each stands for itself now.
			l.emissions.settleFirst()
		})
	})
}

// settleFirst replaces the place-holder of reset. Emissions that were added
// while the journal was read again are newer than those added by it, and a
// mark may only be too low, so the queue is ordered by offset once more.
func (q *emissions) settleFirst() {
	q.queue = q.queue[1:]
	slices.SortStableFunc(q.queue, func(a, b *pending) int { return cmp.Compare(a.before.Offset, b.before.Offset) })
}
