package ticketing

import (
	"context"
	"time"
)

// OutboxAge returns the waiting time of the oldest message, or 0 if there is none.
func (s *Store) OutboxAge(ctx context.Context) (time.Duration, error) {
	return s.OldestOutgoing(ctx, "at")
}
