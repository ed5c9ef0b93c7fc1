package ticketing

import (
	"cmp"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/seating"
)

func (b *builder) rows(at domain.Path, number int, sub NewSubsection, g placedGrid) (seating.Subsection, bool) {
	if sub.Rows == nil {
		rows, perRow, ok := b.grid(g)
		if !ok || !b.room(rows*perRow) {
			return seating.Subsection{}, false
		}
		return seating.Regular(number, rows, perRow), true
	}
	if len(sub.Rows) == 0 {
		b.bad.add(at.Field("rows"), "required", "a subsection has at least one row")
		return seating.Subsection{}, false
	}
	if sub.SeatsPerRow != nil {
		b.bad.add(at.Field("seats_per_row"), "not_allowed", "not together with a list of rows: each row lists its seats")
	}
	made := seating.Subsection{Number: number, Rows: make([]seating.Row, 0, len(sub.Rows))}
	good, seen := true, map[int]bool{}
	for i, row := range sub.Rows {
		rowAt := at.Field("rows").Index(i)
		n, ok := b.number(rowAt.Field("row"), row.Number, seen)
		if !b.room(len(row.Seats)) {
			return seating.Subsection{}, false
		}
		good = b.seatNumbers(rowAt.Field("seats"), row.Seats) && ok && good
		made.Rows = append(made.Rows, seating.Row{Number: n, Seats: slices.Sorted(slices.Values(row.Seats))})
	}
	slices.SortFunc(made.Rows, func(a, b seating.Row) int { return cmp.Compare(a.Number, b.Number) })
	return made, good
}

func (b *builder) seatNumbers(at domain.Path, seats []int) bool {
	if len(seats) == 0 {
		b.bad.add(at, "required", "a row has at least one seat")
		return false
	}
	good, seen := true, make(map[int]bool, len(seats))
	for i := range seats {
		if _, ok := b.number(at.Index(i), &seats[i], seen); !ok {
			good = false
		}
	}
	return good
}

// number checks a number of a list without duplicates; seen holds the numbers
// before it.
func (b *builder) number(at domain.Path, n *int, seen map[int]bool) (int, bool) {
	if n == nil {
		b.bad.add(at, "required", "a number from 1 to 9999")
		return 0, false
	}
	if !b.bad.between(at, *n, 1, domain.MaxNumber) {
		return 0, false
	}
	if seen[*n] {
		b.bad.add(at, "duplicate", "each number at most once")
		return 0, false
	}
	seen[*n] = true
	return *n, true
}
