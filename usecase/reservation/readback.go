package reservation

import (
	"fmt"
	"maps"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

// read folds what came back of the journal: accepted records change the folded
// state, all of them become one batch of the store, and only then do messages
// leave.
func (l *lane) read(entries []journal.Entry) {
	batch := port.SeatBatch{Event: l.event, Partition: l.number}
	var accepted []emission
	for i := range entries {
		e := &entries[i]
		if e.Offset < l.fold.Next {
			continue // read twice
		}
		before := l.fold.Mark()
		ok := l.server.accept(&l.fold, *e)
		l.last = port.IdentityOf(e.Record)
		l.checkOwnership(e, ok)
		if !ok {
			l.server.deps.Meter.Skipped()
			continue
		}
		l.countOversold(&e.Record)
		l.apply(e, &batch)
		accepted = append(accepted, emission{before: before, entry: *e})
	}
	batch.SeatFold = l.seatFold()
	if err := l.server.deps.Seats.Write(batch); err != nil {
		l.own = nil // a claim among the entries may count as read, and has no working state
		l.server.fail(fmt.Errorf("store seats of event %d partition %d: %w", l.event, l.number, err))
		return
	}
	l.server.tell(batch)
	for _, a := range accepted {
		l.settle(a)
	}
}

// countOversold watches over the promise that no seat is sold twice: Decide keeps
// it, the fold keeps out what was decided without a claim.
func (l *lane) countOversold(r *journal.Record) {
	section, ok := l.folded.Section(r.Section)
	if r.Kind != journal.SeatsReserved || !ok {
		return
	}
	taken := 0
	for _, seat := range r.Seats {
		if !section.Map.Free(seat) {
			taken++
		}
	}
	if taken > 0 {
		l.server.deps.Meter.Oversold(taken)
		l.server.deps.Log.Error("seats were given away twice", "event_id", int64(l.event), "booking_id", r.BookingID.String(), "seats", taken)
	}
}

// tell lets maps hear of a batch that is stored.
func (s *Server) tell(b port.SeatBatch) {
	if len(b.Seats) == 0 && len(b.Sections) == 0 {
		return
	}
	e := s.events[b.Event]
	e.version++
	s.deps.Feed.SeatsChanged(b.Event, port.SeatChanges{Version: e.version, Seats: b.Seats, NewSections: len(b.Sections) > 0})
}

func (l *lane) seatFold() port.SeatFold {
	return port.SeatFold{JournalTopicID: l.topicID, Fold: l.fold, Positions: maps.Clone(l.folded.Positions),
		Emitted: l.folded.Emitted, LastRecord: l.last}
}

// apply changes the folded state and notes what the store must learn.
func (l *lane) apply(e *journal.Entry, batch *port.SeatBatch) {
	r := &e.Record
	l.folded.Apply(r, e.Offset)
	switch r.Kind {
	case journal.SeatsInitialized:
		batch.Sections = append(batch.Sections, port.StoredSection{Layout: *r.Layout, HoldBase: r.HoldBase})
	case journal.SeatsReserved, journal.SeatsSold, journal.SeatsReleased:
		batch.Seats = append(batch.Seats, l.seatsOf(r.Section, r.Seats)...)
	}
	if !r.BookingID.IsZero() && answersBooking(r.Kind) {
		batch.Outcomes = append(batch.Outcomes, l.outcome(r, e.Offset))
	}
}

func (l *lane) outcome(r *journal.Record, offset int64) port.Outcome {
	o := port.Outcome{BookingID: r.BookingID, Offset: offset, Section: r.Section, BuyerID: r.BuyerID,
		Seats: r.Seats, UnitPrice: r.UnitPrice, Reason: r.Reason, At: r.At}
	switch r.Kind {
	case journal.SeatsReserved:
		o.Hold = l.folded.HoldOf(r, offset)
	case journal.CommandRejected:
		o.Reason = NotProcessable
	}
	return o
}

// checkOwnership finds out by reading whether this server still owns the
// partition.
func (l *lane) checkOwnership(e *journal.Entry, accepted bool) {
	own := l.own
	if own == nil || e.Damaged != nil {
		return
	}
	r := &e.Record
	switch {
	case r.Kind == journal.Claimed && !own.claimed && r.Nonce == own.nonce:
		own.claimed, own.epoch, own.seq = true, e.Offset, 1
		l.server.deps.Meter.Claimed()
	case r.Kind == journal.Claimed && own.claimed:
		l.server.trouble(l.event, fmt.Errorf("partition %d was claimed by %q at offset %d", l.number, r.Server, e.Offset))
	case own.claimed && r.Epoch == own.epoch && len(own.unread) > 0 && r.Seq == own.unread[0]:
		if !accepted {
			l.server.trouble(l.event, fmt.Errorf("own record at offset %d of partition %d was skipped", e.Offset, l.number))
			return
		}
		own.unread = own.unread[1:]
		l.server.deps.Meter.Settled(time.Duration(l.server.now()-r.At) * time.Microsecond)
	}
}

// settle lets an accepted record take effect outside: the owner confirms the
// hold in the state that runs ahead, and sends the messages.
func (l *lane) settle(a emission) {
	r := &a.entry.Record
	own := l.own
	if own != nil && r.Kind == journal.Claimed && own.claimed && own.epoch == a.entry.Offset {
		l.takeOver()
		return
	}
	if own == nil || !own.claimed || r.Epoch != own.epoch {
		return
	}
	own.working.Confirm(r, a.entry.Offset)
	trace := own.inFlight[r.BookingID]
	delete(own.inFlight, r.BookingID)
	l.emit(a, trace)
}

// takeOver begins with the state as it is at the claim. What was decided
// before and is perhaps not told yet is read again from the emission mark.
func (l *lane) takeOver() {
	own := l.own
	own.working = l.folded.Clone()
	own.inFlight = map[domain.BookingID]string{}
	from := l.folded.Emitted
	l.emissions.reset(from)
	l.server.reread(l, own, from, own.epoch)
}
