package seatsapi

import (
	"encoding/json"
	"fmt"

	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// seatFrame is the schema SeatMap. A snapshot has all counts and every seat that is
// not available. A change has the counts and seats that changed.
type seatFrame struct {
	Sections []SectionCounts `json:"sections"`
	Seats    []Seat          `json:"seats"`
}

// bitSnapshot and bitChange are the schema SeatBits: two bits for each seat, four
// seats in a byte, the first in the lowest bits. An index counts the seats of the part
// in layout order.
type bitSnapshot struct {
	Sections []SectionCounts `json:"sections"`
	Count    int             `json:"count"`
	Bits     []byte          `json:"bits"` // base64
}

type bitChange struct {
	Sections []SectionCounts `json:"sections"`
	Changes  [][2]int        `json:"changes"` // index, status
}

// encode returns the data of a frame for a part of the map; nil if nothing of the
// part changed.
func (p part) encode(f *port.SeatFrame, bits bool) []byte {
	return f.Encoded(fmt.Sprint(bits, p.section, "-", p.subsection), func() []byte {
		data := p.data(f, bits)
		if data == nil {
			return nil
		}
		encoded, err := json.Marshal(data)
		if err != nil { // plain values can always be encoded
			panic(err)
		}
		return encoded
	})
}

func (p part) data(f *port.SeatFrame, bits bool) any {
	snapshot := f.Changes == nil
	switch {
	case snapshot && bits:
		return p.bitSnapshot(f)
	case snapshot:
		return p.snapshot(f)
	}
	changes := p.changes(f)
	switch {
	case len(changes) == 0:
		return nil
	case bits:
		return p.bitChange(f, changes)
	}
	out := seatFrame{Sections: p.counts(f), Seats: make([]Seat, len(changes))}
	for i, d := range changes {
		out.Seats[i] = seat(f.Map.Sections[d.Section].Plan, d.Seat, d.Status)
	}
	return out
}

func seat(plan *seating.Plan, i seating.Index, s seating.Status) Seat {
	return Seat{SeatID: plan.Seat(i).String(), Status: SeatStatus(s.String())}
}

func (p part) counts(f *port.SeatFrame) []SectionCounts {
	out := []SectionCounts{}
	for _, c := range f.Counts {
		if p.section != "" && c.Section != p.section {
			continue
		}
		var counts []seating.SubsectionCount
		for _, sub := range c.Subsections {
			if p.subsection == 0 || sub.Number == p.subsection {
				counts = append(counts, sub)
			}
		}
		if len(counts) > 0 {
			out = append(out, sectionCounts(c.Section, counts))
		}
	}
	return out
}

// span returns the range of a section's seats that belong to the part.
func (p part) span(plan *seating.Plan) (from, to seating.Index) {
	switch {
	case p.section != "" && plan.Section() != p.section:
		return 0, 0
	case p.subsection != 0:
		from, to, _ = plan.SubsectionRange(p.subsection)
		return from, to
	}
	return 0, seating.Index(plan.SeatCount())
}

func (p part) snapshot(f *port.SeatFrame) seatFrame {
	out := seatFrame{Sections: p.counts(f), Seats: []Seat{}}
	for _, s := range f.Map.Sections {
		from, to := p.span(s.Plan)
		for i := from; i < to; i++ {
			if s.Statuses[i] != seating.Available {
				out.Seats = append(out.Seats, seat(s.Plan, i, s.Statuses[i]))
			}
		}
	}
	return out
}

func (p part) bitSnapshot(f *port.SeatFrame) bitSnapshot {
	out := bitSnapshot{Sections: p.counts(f), Bits: []byte{}}
	for _, s := range f.Map.Sections {
		from, to := p.span(s.Plan)
		for i := from; i < to; i++ {
			if out.Count%4 == 0 {
				out.Bits = append(out.Bits, 0)
			}
			out.Bits[len(out.Bits)-1] |= byte(s.Statuses[i]) << (2 * (out.Count % 4))
			out.Count++
		}
	}
	return out
}

func (p part) changes(f *port.SeatFrame) []port.SeatDelta {
	var out []port.SeatDelta
	for _, d := range f.Changes {
		if from, to := p.span(f.Map.Sections[d.Section].Plan); d.Seat >= from && d.Seat < to {
			out = append(out, d)
		}
	}
	return out
}

func (p part) bitChange(f *port.SeatFrame, changes []port.SeatDelta) bitChange {
	first := make([]int, len(f.Map.Sections)) // index of the first seat of each section
	n := 0
	for i, s := range f.Map.Sections {
		from, to := p.span(s.Plan)
		first[i] = n - int(from)
		n += int(to - from)
	}
	out := bitChange{Sections: p.counts(f), Changes: make([][2]int, len(changes))}
	for i, d := range changes {
		out.Changes[i] = [2]int{first[d.Section] + int(d.Seat), int(d.Status)}
	}
	return out
}
