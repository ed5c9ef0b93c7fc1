package owner

import (
	"cmp"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
)

// accepted is a record that counts, with the fold as it was before it.
type accepted struct {
	before journal.Mark
	entry  *journal.Entry
}

// read folds what was read back. Accepted records change the committed state and
// become one batch to store. Only behind it stand what maps are told and the
// messages of own records.
func (p *Partition) read(entries []journal.Entry) {
	batch := Batch{Event: p.event, Partition: p.number, Outcomes: p.outcomes[:0]}
	observed := Observed{ReadBack: p.readBack[:0]}
	p.accepted = p.accepted[:0]
	claimed, lost := false, error(nil)
	store := len(p.effects)
	p.add(nil) // the place of Store
	for i := range entries {
		e := &entries[i]
		if e.Offset < p.fold.Next {
			continue // read twice
		}
		unread, before := p.fold, p.fold.Mark()
		ok := p.fold.Accept(*e)
		p.last = IdentityOf(e.Record)
		if ok && !p.committed.Fits(&e.Record) {
			p.fold, p.own = unread, nil
			p.effects = append(p.effects[:store], Unfit{Offset: e.Offset, Record: e.Record})
			return
		}
		if ok {
			p.countOversold(&e.Record)
			p.apply(e, &batch)
			if tells(&e.Record) {
				p.telling = e.Offset + 1
			}
			p.accepted = append(p.accepted, accepted{before: before, entry: e})
		} else {
			observed.Skipped++
		}
		switch p.checkOwnership(e, ok) {
		case becameOwner:
			claimed = true
			p.accepted = p.accepted[:0] // what came before the claim is read again
			p.takeOver()
		case ownRecord:
			observed.ReadBack = append(observed.ReadBack, p.now-e.Record.At)
		case lostClaim:
			lost = cmp.Or(lost, fmt.Errorf("partition %d was claimed by %q at offset %d", p.number, e.Record.Server, e.Offset))
		case lostRecord:
			lost = cmp.Or(lost, fmt.Errorf("own record at offset %d of partition %d was skipped", e.Offset, p.number))
		}
	}
	p.outcomes, p.readBack = batch.Outcomes, observed.ReadBack
	batch.SeatFold = SeatFold{JournalTopicID: p.topicID, Fold: p.fold, Positions: p.committed.Positions, Emitted: p.committed.Emitted, LastRecord: p.last}
	p.effects[store] = Store{Batch: batch}
	if len(batch.Seats) > 0 || len(batch.Sections) > 0 {
		p.add(Tell{Seats: batch.Seats, NewSections: len(batch.Sections) > 0})
	}
	if observed.Skipped > 0 || len(observed.ReadBack) > 0 {
		p.add(observed)
	}
	if lost != nil {
		p.lose(lost)
		return
	}
	if p.own == nil {
		return
	}
	if claimed {
		p.add(Owned{})
		p.add(Reread{Nonce: p.own.nonce, From: p.own.untold.from.Offset, To: p.own.epoch})
	}
	for _, a := range p.accepted {
		if p.own.held && a.entry.Record.Kind != journal.Claimed && a.entry.Record.Epoch == p.own.epoch {
			p.confirm(a)
		}
	}
}

// ownershipCheck is what an entry says about the ownership of this server.
type ownershipCheck int

const (
	unchanged ownershipCheck = iota
	becameOwner
	ownRecord  // read back as accepted
	lostClaim  // somebody claimed later
	lostRecord // an own record does not count
)

// checkOwnership finds out by reading whether this server still owns the partition.
func (p *Partition) checkOwnership(e *journal.Entry, accepted bool) ownershipCheck {
	own, r := p.own, &e.Record
	switch {
	case own == nil || e.Damaged != nil:
		return unchanged
	case r.Kind == journal.Claimed && !own.held && r.Nonce == own.nonce:
		own.held, own.epoch, own.unread, own.next = true, e.Offset, 1, 1
		return becameOwner
	case r.Kind == journal.Claimed && own.held:
		own.held = false // what follows in the batch is not this claim's
		return lostClaim
	case own.held && r.Epoch == own.epoch && own.unread <= r.Seq && r.Seq < own.next:
		if !accepted {
			return lostRecord
		}
		own.unread++
		return ownRecord
	}
	return unchanged
}

// takeOver begins with the state as it is at the claim. What was decided before
// and perhaps not told is read again from the emission mark.
func (p *Partition) takeOver() {
	p.own.speculative = p.committed.Clone()
	p.own.inFlight = map[domain.BookingID]string{}
	p.own.untold = untold{from: p.committed.Emitted, rereading: true}
}

// apply changes the committed state and notes what has to be stored.
func (p *Partition) apply(e *journal.Entry, batch *Batch) {
	r := &e.Record
	p.committed.Apply(r, e.Offset)
	switch r.Kind {
	case journal.SeatsInitialized:
		batch.Sections = append(batch.Sections, StoredSection{Layout: *r.Layout, HoldBase: r.HoldBase})
	case journal.SeatsReserved, journal.SeatsSold, journal.SeatsReleased:
		if section, ok := p.committed.Section(r.Section); ok {
			for _, i := range r.Seats {
				batch.Seats = append(batch.Seats, StoredSeat{Section: r.Section, Index: i, Seat: section.Map.Seat(i)})
			}
		}
	}
	if !r.BookingID.IsZero() && r.Kind.HasOutcome() {
		batch.Outcomes = append(batch.Outcomes, p.outcome(r, e.Offset))
	}
}

// countOversold watches over the promise that no seat is sold twice: Decide keeps
// it, and the fold keeps out what was decided without a claim.
func (p *Partition) countOversold(r *journal.Record) {
	section, ok := p.committed.Section(r.Section)
	if r.Kind != journal.SeatsReserved || !ok {
		return
	}
	taken := 0
	for _, i := range r.Seats {
		if !section.Map.Free(i) {
			taken++
		}
	}
	if taken > 0 {
		p.add(Oversold{BookingID: r.BookingID, Seats: taken})
	}
}

// confirm lets an own record take effect outside: the speculative state learns the
// hold, and the messages leave in the trace of the request.
func (p *Partition) confirm(a accepted) {
	own, r := p.own, &a.entry.Record
	own.speculative.Confirm(r, a.entry.Offset)
	trace := own.inFlight[r.BookingID]
	delete(own.inFlight, r.BookingID)
	p.emit(a, trace)
}
