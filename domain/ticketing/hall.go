package ticketing

import (
	"cmp"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// HasSeat reports whether the event's layout has a seat.
func (e CatalogueEvent) HasSeat(seat domain.SeatID) bool {
	s, _, ok := e.Section(seat.Section)
	if !ok {
		return false
	}
	subs := s.Layout.Subsections
	i, ok := slices.BinarySearchFunc(subs, seat.Subsection, func(s seating.Subsection, n int) int { return cmp.Compare(s.Number, n) })
	if !ok {
		return false
	}
	rows := subs[i].Rows
	i, ok = slices.BinarySearchFunc(rows, seat.Row, func(r seating.Row, n int) int { return cmp.Compare(r.Number, n) })
	if !ok {
		return false
	}
	_, ok = slices.BinarySearch(rows[i].Seats, seat.Seat)
	return ok
}

// SeatCount returns the number of seats of all sections.
func (e CatalogueEvent) SeatCount() int {
	n := 0
	for _, s := range e.Sections {
		n += s.Layout.SeatCount()
	}
	return n
}
