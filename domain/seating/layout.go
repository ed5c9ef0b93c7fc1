package seating

import (
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
)

// Row is a row of a subsection. Seats holds seat numbers in ascending order. A
// number missing between two others is an aisle.
type Row struct {
	Number int
	Seats  []int
}

// Subsection is a block of rows, ascending by number. Row 1 is at the front.
type Subsection struct {
	Number int
	Rows   []Row
}

// SectionLayout is the seating of a section. Subsections ascend by number.
type SectionLayout struct {
	Name        string
	Subsections []Subsection
}

// Regular returns a subsection of equal rows. Rows and seats count from 1.
func Regular(number, rows, seatsPerRow int) Subsection {
	sub := Subsection{Number: number, Rows: make([]Row, rows)}
	for r := range sub.Rows {
		seats := make([]int, seatsPerRow)
		for s := range seats {
			seats[s] = s + 1
		}
		sub.Rows[r] = Row{Number: r + 1, Seats: seats}
	}
	return sub
}

// SeatCount returns the number of seats.
func (l SectionLayout) SeatCount() int {
	n := 0
	for _, sub := range l.Subsections {
		for _, row := range sub.Rows {
			n += len(row.Seats)
		}
	}
	return n
}

// Validate returns an error for a bad section name, a number outside 1–9999,
// numbers that do not ascend, or an empty part.
func (l SectionLayout) Validate() error {
	if !domain.ValidSectionName(l.Name) {
		return fmt.Errorf("section name %q is not 1-8 characters of A-Z and 0-9", l.Name)
	}
	if len(l.Subsections) == 0 {
		return fmt.Errorf("section %s has no subsection", l.Name)
	}
	before := 0
	for _, sub := range l.Subsections {
		if err := next("subsection", sub.Number, &before); err != nil {
			return fmt.Errorf("section %s: %w", l.Name, err)
		}
		if err := sub.validate(); err != nil {
			return fmt.Errorf("section %s, subsection %d: %w", l.Name, sub.Number, err)
		}
	}
	return nil
}

func (s Subsection) validate() error {
	if len(s.Rows) == 0 {
		return fmt.Errorf("no row")
	}
	before := 0
	for _, row := range s.Rows {
		if err := next("row", row.Number, &before); err != nil {
			return err
		}
		if len(row.Seats) == 0 {
			return fmt.Errorf("row %d has no seat", row.Number)
		}
		seatBefore := 0
		for _, seat := range row.Seats {
			if err := next("seat", seat, &seatBefore); err != nil {
				return fmt.Errorf("row %d: %w", row.Number, err)
			}
		}
	}
	return nil
}

// next returns an error unless n is in 1–9999 and greater than *before.
func next(what string, n int, before *int) error {
	if n < 1 || n > domain.MaxNumber {
		return fmt.Errorf("%s %d is not a number 1-%d", what, n, domain.MaxNumber)
	}
	if n <= *before {
		return fmt.Errorf("%s %d stands after %d", what, n, *before)
	}
	*before = n
	return nil
}

// HasSubsection reports whether the section has a subsection with this number.
func (l SectionLayout) HasSubsection(number int) bool {
	for _, s := range l.Subsections {
		if s.Number == number {
			return true
		}
	}
	return false
}
