package booking

import (
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
)

// scan reads a row of columns.
func scan(row pgx.CollectableRow) (booking.Booking, error) {
	var (
		b                booking.Booking
		id               [16]byte
		positions, seats []string
		expires, paid    *time.Time
	)
	err := row.Scan(&id, &b.EventID, &b.BuyerID, &b.Section, &b.Subsection, &b.Mode, &positions, &b.Quantity, &b.AllowPartial,
		&b.UnitPrice.Amount, &b.UnitPrice.Currency, &b.Status, &seats, &b.Hold, &b.Failure, &b.Cancellation,
		&b.CreatedAt, &expires, &paid, &b.Revision)
	if err != nil {
		return b, err
	}
	b.ID = id
	b.CreatedAt = b.CreatedAt.UTC()
	if expires != nil {
		b.ExpiresAt = expires.UTC()
	}
	if paid != nil {
		b.PaidAt = paid.UTC()
	}
	for _, text := range positions {
		p, err := domain.ParseSeatPosition(text)
		if err != nil {
			return b, err
		}
		b.Positions = append(b.Positions, p)
	}
	for _, text := range seats {
		s, err := domain.ParseSeatID(text)
		if err != nil {
			return b, err
		}
		b.Seats = append(b.Seats, s)
	}
	return b, nil
}

// texts are the canonical forms, never nil.
func texts[T interface{ String() string }](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = v.String()
	}
	return out
}

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
