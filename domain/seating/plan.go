package seating

import (
	"math/bits"
	"sort"

	"github.com/onsale-tickets/onsale/domain"
)

// Index numbers the seats of a section densely in layout order, from 0.
type Index int32

// Plan is a compiled layout. It never changes, so the maps made from it share
// it.
type Plan struct {
	layout SectionLayout
	subs   []planSub
	rows   []planRow
	rowOf  []int32  // row of each seat
	number []int32  // seat number of each seat
	exists []uint64 // one bit per seat number, row after row
}

// planSub covers rows [fromRow, toRow) and seats [fromSeat, toSeat).
type planSub struct {
	number           int
	fromRow, toRow   int
	fromSeat, toSeat Index
}

// planRow has its bits in exists[word:word+words]. Bit 0 is seat number base.
type planRow struct {
	sub, number int
	first       Index // its first seat
	base        int
	word, words int
}

// Compile validates a layout and returns its plan.
func Compile(l SectionLayout) (*Plan, error) {
	if err := l.Validate(); err != nil {
		return nil, err
	}
	n := l.SeatCount()
	p := &Plan{layout: l, rowOf: make([]int32, 0, n), number: make([]int32, 0, n)}
	for i, sub := range l.Subsections {
		s := planSub{number: sub.Number, fromRow: len(p.rows), fromSeat: Index(len(p.number))}
		for _, row := range sub.Rows {
			p.addRow(i, row)
		}
		s.toRow, s.toSeat = len(p.rows), Index(len(p.number))
		p.subs = append(p.subs, s)
	}
	return p, nil
}

func (p *Plan) addRow(sub int, row Row) {
	base, last := row.Seats[0], row.Seats[len(row.Seats)-1]
	r := planRow{
		sub: sub, number: row.Number, first: Index(len(p.number)),
		base: base, word: len(p.exists), words: (last-base)/64 + 1,
	}
	p.exists = append(p.exists, make([]uint64, r.words)...)
	for _, seat := range row.Seats {
		bit := seat - base
		p.exists[r.word+bit/64] |= 1 << (bit % 64)
		p.rowOf = append(p.rowOf, int32(len(p.rows)))
		p.number = append(p.number, int32(seat))
	}
	p.rows = append(p.rows, r)
}

// Layout returns the layout the plan was made from. The caller must not change it.
func (p *Plan) Layout() SectionLayout { return p.layout }

// Section returns the section's name.
func (p *Plan) Section() string { return p.layout.Name }

// SeatCount returns the number of seats.
func (p *Plan) SeatCount() int { return len(p.number) }

// Seat returns the id of the seat at i. i must be in range.
func (p *Plan) Seat(i Index) domain.SeatID {
	row := &p.rows[p.rowOf[i]]
	return domain.SeatID{Section: p.layout.Name, Subsection: p.subs[row.sub].number, Row: row.number, Seat: int(p.number[i])}
}

// Seats returns the ids of several seats, in the given order.
func (p *Plan) Seats(at []Index) []domain.SeatID {
	out := make([]domain.SeatID, len(at))
	for i, x := range at {
		out[i] = p.Seat(x)
	}
	return out
}

// Index returns the index of a seat. ok is false if the layout has no such seat.
func (p *Plan) Index(s domain.SeatID) (Index, bool) {
	if s.Section != p.layout.Name {
		return 0, false
	}
	sub, ok := p.sub(s.Subsection)
	if !ok {
		return 0, false
	}
	rows := p.rows[sub.fromRow:sub.toRow]
	i := sort.Search(len(rows), func(i int) bool { return rows[i].number >= s.Row })
	if i == len(rows) || rows[i].number != s.Row {
		return 0, false
	}
	return p.inRow(&rows[i], s.Seat-rows[i].base)
}

// inRow returns the seat at a bit of a row. Its place in the row is the number of
// bits set before it.
func (p *Plan) inRow(row *planRow, bit int) (Index, bool) {
	if bit < 0 || bit >= row.words*64 {
		return 0, false
	}
	words := p.exists[row.word : row.word+row.words]
	mask := uint64(1) << (bit % 64)
	if words[bit/64]&mask == 0 {
		return 0, false
	}
	n := bits.OnesCount64(words[bit/64] & (mask - 1))
	for _, w := range words[:bit/64] {
		n += bits.OnesCount64(w)
	}
	return row.first + Index(n), true
}

// SubsectionRange returns the half-open range [from, to) of a subsection's seats.
// ok is false if there is no such subsection.
func (p *Plan) SubsectionRange(number int) (from, to Index, ok bool) {
	sub, ok := p.sub(number)
	return sub.fromSeat, sub.toSeat, ok
}

func (p *Plan) sub(number int) (planSub, bool) {
	i := sort.Search(len(p.subs), func(i int) bool { return p.subs[i].number >= number })
	if i == len(p.subs) || p.subs[i].number != number {
		return planSub{}, false
	}
	return p.subs[i], true
}

// bit returns the word and the mask of a seat in a bitmap of the plan's shape.
func (p *Plan) bit(i Index) (word int, mask uint64) {
	row := &p.rows[p.rowOf[i]]
	b := int(p.number[i]) - row.base
	return row.word + b/64, 1 << (b % 64)
}
