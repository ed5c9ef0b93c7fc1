// Package journalcodec holds the bytes of a record of the seat journal. Kafka has
// them in the journal's topic, RocksDB in the rows for layouts and outcomes.
package journalcodec

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// version is the first byte of every record.
const version = 1

// Append appends the bytes of a record to b: varints in a fixed order, about 60
// bytes for a reservation of two seats.
func Append(b []byte, r journal.Record) []byte {
	b = append(b, version, byte(r.Kind))
	b = binary.AppendVarint(b, r.Epoch)
	b = binary.AppendUvarint(b, r.Seq)
	b = binary.AppendVarint(b, r.At)
	b = append(b, byte(r.Cause.Action))
	b = appendString(b, r.Cause.TopicID)
	b = binary.AppendVarint(b, r.Cause.Offset)
	switch r.Kind {
	case journal.Claimed:
		b = appendString(b, r.Server)
		return binary.AppendUvarint(b, r.Nonce)
	case journal.Checkpoint:
		return appendCheckpoint(b, r.Positions, r.Emitted)
	case journal.SeatsInitialized:
		b = binary.AppendVarint(b, int64(r.HoldBase))
		return appendLayout(b, r.Layout)
	}
	b = appendString(b, r.Section)
	b = append(b, r.BookingID[:]...)
	b = binary.AppendVarint(b, int64(r.BuyerID))
	b = binary.AppendVarint(b, int64(r.Hold))
	b = binary.AppendVarint(b, r.UnitPrice.Amount)
	b = appendString(b, string(r.UnitPrice.Currency))
	b = appendString(b, r.Reason)
	b = binary.AppendUvarint(b, uint64(len(r.Seats)))
	for _, s := range r.Seats {
		b = binary.AppendVarint(b, int64(s))
	}
	return b
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendCheckpoint(b []byte, positions journal.Positions, emitted journal.Mark) []byte {
	b = binary.AppendVarint(b, emitted.Offset)
	b = binary.AppendVarint(b, emitted.Epoch)
	b = binary.AppendUvarint(b, emitted.NextSeq)
	b = binary.AppendUvarint(b, uint64(len(positions)))
	for a := range message.Actions {
		if p, ok := positions[a]; ok {
			b = append(b, byte(a))
			b = appendString(b, p.TopicID)
			b = binary.AppendVarint(b, p.Next)
		}
	}
	return b
}

func appendLayout(b []byte, l *seating.SectionLayout) []byte {
	b = appendString(b, l.Name)
	b = binary.AppendUvarint(b, uint64(len(l.Subsections)))
	for _, sub := range l.Subsections {
		b = binary.AppendUvarint(b, uint64(sub.Number))
		b = binary.AppendUvarint(b, uint64(len(sub.Rows)))
		for _, row := range sub.Rows {
			b = binary.AppendUvarint(b, uint64(row.Number))
			b = binary.AppendUvarint(b, uint64(len(row.Seats)))
			before := 0
			for _, s := range row.Seats { // ascending: differences are one byte
				b = binary.AppendUvarint(b, uint64(s-before))
				before = s
			}
		}
	}
	return b
}

// ErrDamaged is in the chain of each error of Decode.
var ErrDamaged = errors.New("journal record is damaged")

// Decode reads a record. It never panics, and allocates no more than the bytes
// can hold.
func Decode(b []byte) (journal.Record, error) {
	d := decoder{rest: b}
	if v := d.byte(); v != version {
		return journal.Record{}, fmt.Errorf("%w: version %d", ErrDamaged, v)
	}
	r := journal.Record{Kind: journal.Kind(d.byte()), Epoch: d.int(), Seq: d.uint(), At: d.int()}
	r.Cause = journal.Cause{Action: d.action(), TopicID: d.string(), Offset: d.int()}
	switch r.Kind {
	case journal.Claimed:
		r.Server, r.Nonce = d.string(), d.uint()
	case journal.Checkpoint:
		r.Positions, r.Emitted = d.checkpoint()
	case journal.SeatsInitialized:
		r.HoldBase = domain.Hold(d.int())
		r.Layout = d.layout()
		if r.Layout != nil {
			r.Section = r.Layout.Name
		}
	case journal.SeatsReserved, journal.ReservationRefused, journal.SeatsSold, journal.SeatsReleased, journal.CommandRejected:
		d.decision(&r)
	default:
		return journal.Record{}, fmt.Errorf("%w: kind %d", ErrDamaged, r.Kind)
	}
	if d.bad || len(d.rest) > 0 {
		return journal.Record{}, fmt.Errorf("%w: %s", ErrDamaged, r.Kind)
	}
	return r, nil
}

// decoder reads from the front. After the first fault it returns zeros.
type decoder struct {
	rest []byte
	bad  bool
}

func (d *decoder) decision(r *journal.Record) {
	r.Section = d.string()
	copy(r.BookingID[:], d.bytes(len(r.BookingID)))
	r.BuyerID = domain.UserID(d.int())
	r.Hold = domain.Hold(d.int())
	r.UnitPrice = domain.Money{Amount: d.int(), Currency: domain.Currency(d.string())}
	r.Reason = d.string()
	if n := d.count(); n > 0 {
		r.Seats = make([]seating.Index, n)
		for i := range r.Seats {
			r.Seats[i] = seating.Index(d.int())
		}
	}
}

func (d *decoder) checkpoint() (journal.Positions, journal.Mark) {
	mark := journal.Mark{Offset: d.int(), Epoch: d.int(), NextSeq: d.uint()}
	positions := journal.Positions{}
	for range d.count() {
		action := d.action()
		positions[action] = journal.Position{TopicID: d.string(), Next: d.int()}
	}
	return positions, mark
}

func (d *decoder) layout() *seating.SectionLayout {
	l := &seating.SectionLayout{Name: d.string()}
	for range d.count() {
		sub := seating.Subsection{Number: int(d.uint())}
		for range d.count() {
			row := seating.Row{Number: int(d.uint())}
			n := d.count()
			row.Seats = make([]int, 0, n)
			seat := 0
			for range n {
				seat += int(d.uint())
				row.Seats = append(row.Seats, seat)
			}
			sub.Rows = append(sub.Rows, row)
		}
		l.Subsections = append(l.Subsections, sub)
	}
	if !d.bad && l.Validate() != nil {
		d.bad = true
	}
	return l
}

// action reads one of the nine actions.
func (d *decoder) action() message.Action {
	a := message.Action(d.byte())
	if a >= message.Actions {
		d.fail()
		return 0
	}
	return a
}

// count reads the number of items that follow, each at least one byte long.
func (d *decoder) count() int {
	n := d.uint()
	if n > uint64(len(d.rest)) {
		d.fail()
		return 0
	}
	return int(n)
}

func (d *decoder) fail() { d.bad, d.rest = true, nil }

func (d *decoder) byte() byte {
	if b := d.bytes(1); len(b) == 1 {
		return b[0]
	}
	return 0
}

func (d *decoder) bytes(n int) []byte {
	if n > len(d.rest) {
		d.fail()
		return nil
	}
	b := d.rest[:n]
	d.rest = d.rest[n:]
	return b
}

func (d *decoder) string() string { return string(d.bytes(d.count())) }

func (d *decoder) int() int64 {
	v, n := binary.Varint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}

func (d *decoder) uint() uint64 {
	v, n := binary.Uvarint(d.rest)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.rest = d.rest[n:]
	return v
}
