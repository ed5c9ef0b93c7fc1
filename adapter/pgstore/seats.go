package pgstore

import "github.com/onsale-tickets/onsale/domain"

// Texts returns the canonical forms, as stored in columns. It never returns nil.
func Texts[T interface{ String() string }](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.String()
	}
	return out
}

// ParseSeats parses canonical forms. It returns nil if there are none.
func ParseSeats(texts []string) ([]domain.SeatID, error) {
	var seats []domain.SeatID
	for _, text := range texts {
		s, err := domain.ParseSeatID(text)
		if err != nil {
			return nil, err
		}
		seats = append(seats, s)
	}
	return seats, nil
}
