package ticketing

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

func (b *builder) rows(at string, number int, sub NewSubsection, g placedGrid) (seating.Subsection, bool) {
	if sub.Rows == nil {
		rows, perRow, ok := b.grid(g)
		if !ok || !b.room(rows*perRow) {
			return seating.Subsection{}, false
		}
		return seating.Regular(number, rows, perRow), true
	}
	if len(sub.Rows) == 0 {
		b.bad.add(at+"/rows", "required", "a subsection has at least one row")
		return seating.Subsection{}, false
	}
	if sub.SeatsPerRow != nil {
		b.bad.add(at+"/seats_per_row", "not_allowed", "rows one by one have seats of their own")
	}
	made := seating.Subsection{Number: number, Rows: make([]seating.Row, 0, len(sub.Rows))}
	good, seen := true, map[int]bool{}
	for i, row := range sub.Rows {
		rowAt := at + "/rows/" + strconv.Itoa(i)
		n, ok := b.number(rowAt+"/row", row.Number, seen)
		if !b.room(len(row.Seats)) {
			return seating.Subsection{}, false
		}
		good = b.seatNumbers(rowAt+"/seats", row.Seats) && ok && good
		made.Rows = append(made.Rows, seating.Row{Number: n, Seats: slices.Sorted(slices.Values(row.Seats))})
	}
	slices.SortFunc(made.Rows, func(a, b seating.Row) int { return cmp.Compare(a.Number, b.Number) })
	return made, good
}

func (b *builder) seatNumbers(at string, seats []int) bool {
	if len(seats) == 0 {
		b.bad.add(at, "required", "a row has at least one seat")
		return false
	}
	good, seen := true, make(map[int]bool, len(seats))
	for i := range seats {
		if _, ok := b.number(at+"/"+strconv.Itoa(i), &seats[i], seen); !ok {
			good = false
		}
	}
	return good
}

// number checks one of a list in which each stands once.
func (b *builder) number(at string, n *int, seen map[int]bool) (int, bool) {
	if n == nil {
		b.bad.add(at, "required", "a number from 1 to 9999")
		return 0, false
	}
	if !b.bad.between(at, *n, 1, domain.MaxNumber) {
		return 0, false
	}
	if seen[*n] {
		b.bad.add(at, "duplicate", "each number stands once")
		return 0, false
	}
	seen[*n] = true
	return *n, true
}
