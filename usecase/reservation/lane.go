package reservation

import (
	"errors"
	"fmt"
	"strings"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// ErrTrouble is in the chain of every error that gives a membership up.
var ErrTrouble = errors.New("ownership is in doubt")

// lane is one partition of one event on this server.
type lane struct {
	server *Server
	event  domain.EventID
	number domain.Partition

	topicID string
	fold    journal.Fold
	folded  *journal.State
	last    port.RecordIdentity

	own       *ownership // nil: somebody else's
	emissions emissions
}

// ownership is what a claim gives: the state that runs ahead of the journal.
// It is dropped whole at the first doubt.
type ownership struct {
	nonce   uint64
	claimed bool // the claim was read back
	epoch   int64
	seq     uint64 // next to append
	working *journal.State
	// inFlight are the bookings whose record was appended and not read back, with
	// the trace context of the request.
	inFlight map[domain.BookingID]string
	// unread are the appended records that were not read back yet, in order.
	unread []uint64
	// initEnd is the end of the initialisation topic at assignment. Until it is
	// reached the other commands wait in parked.
	initEnd int64
	parked  []port.Delivery
	// positions last written to a checkpoint.
	dirty bool
}

// claim appends a claim. Until it is read back nothing else is decided.
func (l *lane) claim(initEnd int64) {
	l.own = &ownership{nonce: l.server.deps.Nonce(), initEnd: initEnd}
	l.append(journal.Record{Kind: journal.Claimed, Server: l.server.deps.ServerID, Nonce: l.own.nonce,
		At: l.server.now(), Cause: journal.Cause{Offset: -1}})
}

// append hands a record to the journal. That it is in there is known when it
// is read back; only a failure is news.
func (l *lane) append(r journal.Record) {
	own := l.own
	l.server.deps.Journal.Append(l.event, l.number, r, func(err error) {
		if err == nil {
			return
		}
		l.server.mail.post(func() {
			if l.own == own {
				l.server.trouble(l.event, fmt.Errorf("append to partition %d: %w", l.number, err))
			}
		})
	})
}

// record gives a decision its place in the chain, applies it to the working
// state and appends it.
func (l *lane) record(r journal.Record, trace string) {
	own := l.own
	r.Epoch, r.Seq = own.epoch, own.seq
	own.seq++
	own.unread = append(own.unread, r.Seq)
	if !r.BookingID.IsZero() && answersBooking(r.Kind) {
		own.inFlight[r.BookingID] = trace
	}
	own.working.Apply(&r, -1)
	l.append(r)
}

func answersBooking(k journal.Kind) bool {
	return k == journal.SeatsReserved || k == journal.ReservationRefused || k == journal.CommandRejected
}

// deliver decides a command that stands at the expected offset.
func (l *lane) deliver(d port.Delivery) error {
	own := l.own
	if own == nil || !own.claimed {
		return fmt.Errorf("%w: partition %d is not claimed", ErrTrouble, l.number)
	}
	if d.Input.Action != message.SeatInitialization && own.initNext() < own.initEnd {
		own.parked = append(own.parked, d)
		return nil
	}
	if err := l.decide(d); err != nil {
		return err
	}
	if d.Input.Action == message.SeatInitialization && own.initNext() >= own.initEnd {
		parked := own.parked
		own.parked = nil
		for _, p := range parked {
			if err := l.decide(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (o *ownership) initNext() int64 { return o.working.Positions[message.SeatInitialization].Next }

func (l *lane) decide(d port.Delivery) error {
	own := l.own
	expected := own.working.Positions[d.Input.Action]
	if expected.TopicID == d.Input.TopicID && d.Offset < expected.Next {
		return nil // an old message that was still in a queue
	}
	if expected.TopicID == d.Input.TopicID && d.Offset > expected.Next {
		return fmt.Errorf("%w: %s on partition %d: offset %d, expected %d", ErrTrouble, d.Input.Action, l.number, d.Offset, expected.Next)
	}
	cause := journal.Cause{Action: d.Input.Action, TopicID: d.Input.TopicID, Offset: d.Offset}
	own.dirty = true
	if d.Poison != nil {
		return l.reject(d, cause)
	}
	prior, settled, err := l.prior(bookingOf(d.Envelope.Body))
	if err != nil {
		return err
	}
	switch settled {
	case unsettled:
		if r, ok := journal.Decide(own.working, &l.server.finder, d.Envelope.Body, cause, l.server.now()); ok {
			l.record(r, d.Envelope.TraceParent)
			return nil
		}
	case readBack:
		l.answerAgain(prior, d.Envelope.TraceParent)
	}
	own.working.Positions[cause.Action] = journal.Position{TopicID: cause.TopicID, Next: cause.Offset + 1}
	return nil
}

// settlement says what is known of a booking before its request is decided.
type settlement int

const (
	unsettled settlement = iota
	inFlight             // decided, not read back: its answer is coming
	readBack             // decided: the same answer again
)

// reject makes a dead letter of a command. The booking that it is of FAILS by
// it, unless it has its outcome. A copy on a foreign partition fails nobody and
// answers for nobody: its own partition does.
func (l *lane) reject(d port.Delivery, cause journal.Cause) error {
	booking, section, reason := d.Booking, d.Section, journal.NotReadable
	if errors.Is(d.Poison, port.ErrForeignPartition) {
		booking, section, reason = domain.BookingID{}, sectionOf(d.Envelope.Body), journal.Foreign
	}
	_, settled, err := l.prior(booking)
	if err != nil {
		return err
	}
	if settled != unsettled {
		booking = domain.BookingID{}
	}
	reason += ": " + short(d.Poison.Error())
	l.record(journal.Reject(cause, booking, section, reason, l.server.now()), d.Envelope.TraceParent)
	return nil
}

// short keeps what a record says of itself out of the journal but for its
// beginning.
func short(s string) string { return strings.ToValidUTF8(s[:min(len(s), 200)], "") }

// prior is the look-up by booking that comes before everything else.
func (l *lane) prior(booking domain.BookingID) (port.Outcome, settlement, error) {
	if booking.IsZero() {
		return port.Outcome{}, unsettled, nil
	}
	if _, ok := l.own.inFlight[booking]; ok {
		return port.Outcome{}, inFlight, nil
	}
	o, found, err := l.server.deps.Seats.Outcome(l.event, booking)
	if err != nil {
		return o, unsettled, fmt.Errorf("%w: outcome of %s: %w", ErrTrouble, booking, err)
	}
	if found {
		return o, readBack, nil
	}
	return o, unsettled, nil
}

func bookingOf(m message.Message) domain.BookingID {
	if r, ok := m.(message.TicketReservedRequest); ok {
		return r.BookingID
	}
	return domain.BookingID{}
}

func sectionOf(m message.Message) string {
	if m == nil {
		return ""
	}
	return m.SectionName()
}

// checkpoint writes positions and emission mark into the journal, so that a
// new owner repeats little.
func (l *lane) checkpoint() {
	own := l.own
	if own == nil || !own.claimed || !own.dirty || len(own.parked) > 0 {
		return
	}
	own.dirty = false
	positions := journal.Positions{}
	for a, p := range own.working.Positions {
		positions[a] = p
	}
	l.record(journal.Record{Kind: journal.Checkpoint, At: l.server.now(), Cause: journal.Cause{Offset: -1},
		Positions: positions, Emitted: l.emitted()}, "")
}

// emitted is the fold at the lowest offset with a message that is not
// acknowledged.
func (l *lane) emitted() journal.Mark {
	if mark, ok := l.emissions.oldest(); ok {
		return mark
	}
	return l.fold.Mark()
}

// seatsOf is what a record changed, as rows of the store.
func (l *lane) seatsOf(section string, at []seating.Index) []port.StoredSeat {
	s, ok := l.folded.Section(section)
	if !ok {
		return nil
	}
	rows := make([]port.StoredSeat, len(at))
	for i, x := range at {
		rows[i] = port.StoredSeat{Section: section, Index: x, Seat: s.Map.Seat(x)}
	}
	return rows
}
