package bench

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

const (
	// firstBuyer is far above the ids of real users, so that a bench buyer never is
	// one of them.
	firstBuyer = 1_000_000
	mostBuyers = 10_001 // of an event, with the one who wakes it
)

// buyers signs a session for each of n buyers of an event. Logging in n times would
// measure the hashing of passwords instead of the sale. Each event has buyers of its
// own: streams begin with the buyer's earlier bookings, which no sale should pay for.
func buyers(tokens port.Tokens, event domain.EventID, n int, now time.Time) ([]string, error) {
	signed := make([]string, n)
	for i := range signed {
		id := domain.UserID(firstBuyer + int64(event)*mostBuyers + int64(i))
		var err error
		signed[i], err = tokens.Sign(port.Claims{Session: "bench-" + id.String(), User: id, Role: "buyer", Name: "a bench buyer",
			OpenedAt: now, ExpiresAt: now.Add(time.Hour)})
		if err != nil {
			return nil, err
		}
	}
	return signed, nil
}

// sections returns the names A, B and so on.
func sections(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = string(rune('A' + i))
	}
	return names
}
