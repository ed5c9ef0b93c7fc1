package pgstore

import "github.com/onsale-tickets/onsale/domain"

// Texts are the canonical forms, as they stand in columns; never nil.
func Texts[T interface{ String() string }](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.String()
	}
	return out
}

// ParseSeats reads the forms of seats; nil if there are none.
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
