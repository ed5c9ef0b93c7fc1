package owner

import (
	"fmt"
	"strings"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
)

// command decides a command that stands at the expected offset. Commands wait
// until the initialisation topic is read: a request for seats that are not there
// yet would be rejected.
func (p *Partition) command(c Command) {
	own := p.own
	if !p.Owned() {
		p.lose(fmt.Errorf("a command came for partition %d, which is not claimed", p.number))
		return
	}
	if c.Cause.Action != message.SeatInitialization && own.initNext() < own.initEnd {
		own.parked = append(own.parked, c)
		return
	}
	p.decide(c)
	if len(own.parked) > 0 && p.own == own && own.initNext() >= own.initEnd {
		p.add(Redeliver{Commands: own.parked})
		own.parked = nil
	}
}

func (o *ownership) initNext() int64 {
	return o.speculative.Positions[message.SeatInitialization].Next
}

func (p *Partition) decide(c Command) {
	own := p.own
	switch next := p.Position(c.Cause.Action, c.Cause.TopicID); {
	case c.Cause.Offset < next:
		return // an old message that was still in a queue
	case c.Cause.Offset > next:
		p.lose(fmt.Errorf("%s on partition %d: offset %d, expected %d", c.Cause.Action, p.number, c.Cause.Offset, next))
		return
	}
	own.dirty = true
	if c.Poison != nil {
		p.reject(c)
		return
	}
	switch p.prior(requestOf(c.Body), c.Outcome) {
	case undecided:
		if r, ok := journal.Decide(own.speculative, &p.finder, c.Body, c.Cause, p.now); ok {
			p.record(r, c.TraceParent)
			return
		}
	case inFlight: // its answer is coming
	case readBack:
		for _, m := range p.answer(c.Outcome) {
			m.TraceParent = c.TraceParent
			p.add(Repeat{Message: m})
		}
	}
	own.speculative.Positions[c.Cause.Action] = journal.Position{TopicID: c.Cause.TopicID, Next: c.Cause.Offset + 1}
}

// decision says how far the decision about a booking is.
type decision int

const (
	undecided decision = iota
	inFlight           // appended and not read back
	readBack
)

// prior finds out whether a booking was decided before. It comes before everything
// else, rejections included.
func (p *Partition) prior(booking domain.BookingID, known *Outcome) decision {
	if booking.IsZero() {
		return undecided
	}
	if _, ok := p.own.inFlight[booking]; ok {
		return inFlight
	}
	if known != nil {
		return readBack
	}
	return undecided
}

// reject records a command that cannot be processed. Its booking fails, unless it
// was decided before. A copy on a foreign partition fails no booking: the section's
// own partition decides about it.
func (p *Partition) reject(c Command) {
	booking, section, reason := c.Poison.Booking, c.Poison.Section, journal.NotReadable
	if c.Poison.Foreign {
		booking, section, reason = domain.BookingID{}, "", journal.Foreign
		if c.Body != nil {
			section = c.Body.SectionName()
		}
	}
	if p.prior(booking, c.Outcome) != undecided {
		booking = domain.BookingID{}
	}
	p.record(journal.Reject(c.Cause, booking, section, reason+": "+short(c.Poison.Why), p.now), c.TraceParent)
}

// short keeps the journal free of long texts from outside.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 200)], "") }

func requestOf(m message.Message) domain.BookingID {
	if r, ok := m.(message.TicketReservedRequest); ok {
		return r.BookingID
	}
	return domain.BookingID{}
}

// Booking returns the booking whose outcome a command needs; zero: none.
func (c Command) Booking() domain.BookingID {
	if c.Poison != nil {
		if c.Poison.Foreign {
			return domain.BookingID{}
		}
		return c.Poison.Booking
	}
	return requestOf(c.Body)
}
