package owner

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// NotProcessable is the failure reason of a booking whose command was rejected.
const NotProcessable = "not_processable"

// untold has the records of which a message or a dead letter is not acknowledged.
type untold struct {
	// While the journal is read again from the emission mark (from) to the claim,
	// the mark stands for all records there.
	rereading bool
	from      journal.Mark
	records   []untoldRecord // by offset
}

type untoldRecord struct {
	offset int64
	before journal.Mark // the fold before it
	left   int          // how many are not acknowledged
}

// oldest returns the mark to start again from; false if all is acknowledged.
func (u *untold) oldest() (journal.Mark, bool) {
	switch {
	case u.rereading:
		return u.from, true
	case len(u.records) > 0:
		return u.records[0].before, true
	}
	return journal.Mark{}, false
}

func (u *untold) acknowledge(offset int64) {
	i, found := slices.BinarySearchFunc(u.records, offset, func(r untoldRecord, offset int64) int { return cmp.Compare(r.offset, offset) })
	if found {
		u.records[i].left--
	}
	done := 0
	for done < len(u.records) && u.records[done].left == 0 {
		done++
	}
	u.records = u.records[done:]
}

func (p *Partition) acknowledged(in Acknowledged) {
	p.own.untold.acknowledge(in.Offset)
	p.own.dirty = true
}

// reread sends again what was decided between the emission mark and the claim.
func (p *Partition) reread(entries []journal.Entry) {
	u := &p.own.untold
	newer := u.records
	u.records = nil
	fold := journal.FoldFrom(u.from)
	for i := range entries {
		before := fold.Mark()
		if fold.Accept(entries[i]) {
			p.emit(accepted{before: before, entry: &entries[i]}, "")
		}
	}
	u.records = append(u.records, newer...)
	u.rereading = false
}

// emit sends the messages of an accepted record.
func (p *Partition) emit(a accepted, trace string) {
	r, offset, nonce := &a.entry.Record, a.entry.Offset, p.own.nonce
	before := len(p.effects)
	if r.Kind.HasOutcome() && !r.BookingID.IsZero() {
		o := p.outcome(r, offset)
		for _, m := range p.answer(&o) {
			m.TraceParent = trace
			p.add(Send{Nonce: nonce, Offset: offset, Message: m})
		}
	}
	if r.Kind == journal.CommandRejected {
		p.add(Bury{Nonce: nonce, Offset: offset, Cause: r.Cause, Reason: r.Reason})
	}
	if left := len(p.effects) - before; left > 0 {
		p.own.untold.records = append(p.own.untold.records, untoldRecord{offset: offset, before: a.before, left: left})
	}
}

func (p *Partition) outcome(r *journal.Record, offset int64) Outcome {
	o := Outcome{BookingID: r.BookingID, Offset: offset, Section: r.Section, BuyerID: r.BuyerID,
		Seats: r.Seats, UnitPrice: r.UnitPrice, Reason: r.Reason, At: r.At}
	switch r.Kind {
	case journal.SeatsReserved:
		o.Hold = p.committed.HoldOf(r, offset)
	case journal.CommandRejected:
		o.Reason = NotProcessable
	}
	return o
}

// answer returns the messages that tell an outcome. They depend on the outcome
// alone, so that a repeat has the same id and equal data.
func (p *Partition) answer(o *Outcome) []message.Envelope {
	if o.Reason != "" {
		return []message.Envelope{p.envelope(message.BookingUpdatedToFailed{
			EventID: p.event, BookingID: o.BookingID, Section: o.Section, Reason: o.Reason}, o)}
	}
	held := message.Held{EventID: p.event, BookingID: o.BookingID, BuyerID: o.BuyerID, Section: o.Section,
		Seats: p.seatIDs(o.Section, o.Seats), Hold: o.Hold, UnitPrice: o.UnitPrice, ReservedAt: time.UnixMicro(o.At).UTC()}
	return []message.Envelope{
		p.envelope(message.SeatUpdatedToReserved{Held: held}, o),
		p.envelope(message.BookingUpdatedToPendingPayment{Held: held}, o),
	}
}

func (p *Partition) seatIDs(section string, at []seating.Index) []domain.SeatID {
	s, ok := p.committed.Section(section)
	if !ok {
		return nil
	}
	return s.Map.Plan().Seats(at)
}

func (p *Partition) envelope(m message.Message, o *Outcome) message.Envelope {
	return message.Envelope{
		ID:        m.Action().Flow().Message + "-" + p.event.String() + "-" + strconv.Itoa(int(p.number)) + "-" + strconv.FormatInt(o.Offset, 10),
		Time:      time.UnixMicro(o.At).UTC(),
		Partition: p.number,
		Body:      m,
	}
}
