package domain

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxNumber is the greatest number of a subsection, row or seat.
const MaxNumber = 9999

// SeatPosition is a seat of a known subsection: row and seat, each 1–9999.
type SeatPosition struct {
	Row, Seat int
}

// String returns the form used in requests, "row-seat".
func (p SeatPosition) String() string {
	return strconv.Itoa(p.Row) + "-" + strconv.Itoa(p.Seat)
}

// ParseSeatPosition reads "row-seat" in canonical decimal. It refuses "01-1",
// "+1-1" and blanks, so that no seat has two spellings.
func ParseSeatPosition(s string) (SeatPosition, error) {
	row, seat, ok := strings.Cut(s, "-")
	if !ok {
		return SeatPosition{}, fmt.Errorf("seat position %q is not row-seat", s)
	}
	r, okRow := parseNumber(row)
	n, okSeat := parseNumber(seat)
	if !okRow || !okSeat {
		return SeatPosition{}, fmt.Errorf("seat position %q: row and seat are numbers 1-%d without leading zeros", s, MaxNumber)
	}
	return SeatPosition{Row: r, Seat: n}, nil
}

// SeatID names one seat of an event: section, subsection, row, seat.
type SeatID struct {
	Section    string
	Subsection int
	Row        int
	Seat       int
}

// String returns "section-subsection-row-seat", as in "A-1-1-1".
func (s SeatID) String() string {
	b := make([]byte, 0, len(s.Section)+15)
	b = append(b, s.Section...)
	for _, n := range [...]int{s.Subsection, s.Row, s.Seat} {
		b = append(b, '-')
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return string(b)
}

// Less reports whether s comes before t: by section name, then by subsection, row
// and seat as numbers.
func (s SeatID) Less(t SeatID) bool {
	if s.Section != t.Section {
		return s.Section < t.Section
	}
	if s.Subsection != t.Subsection {
		return s.Subsection < t.Subsection
	}
	if s.Row != t.Row {
		return s.Row < t.Row
	}
	return s.Seat < t.Seat
}

// ParseSeatID reads "section-subsection-row-seat" in canonical form.
func ParseSeatID(s string) (SeatID, error) {
	section, numbers, _ := strings.Cut(s, "-")
	if strings.Count(numbers, "-") != 2 || !ValidSectionName(section) {
		return SeatID{}, fmt.Errorf("seat id %q is not section-subsection-row-seat", s)
	}
	var n [3]int
	for i := range n {
		var p string
		p, numbers, _ = strings.Cut(numbers, "-")
		v, ok := parseNumber(p)
		if !ok {
			return SeatID{}, fmt.Errorf("seat id %q: %q is not a number 1-%d", s, p, MaxNumber)
		}
		n[i] = v
	}
	return SeatID{Section: section, Subsection: n[0], Row: n[1], Seat: n[2]}, nil
}

// TicketID returns the id of the ticket of a seat, as in "7-A-1-1-1".
func TicketID(event EventID, seat SeatID) string {
	return event.String() + "-" + seat.String()
}

// ValidSectionName reports whether s is 1–8 characters of [A-Z0-9].
func ValidSectionName(s string) bool {
	if len(s) < 1 || len(s) > 8 {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < 'A' || c > 'Z') && (c < '0' || c > '9') {
			return false
		}
	}
	return true
}

func parseNumber(s string) (int, bool) {
	if len(s) < 1 || len(s) > 4 || s[0] == '0' {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
