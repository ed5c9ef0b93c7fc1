package ticketing

import (
	"context"
	"time"
)

// OutboxAge tells how long the oldest message waits, 0 if none does.
func (s *Store) OutboxAge(ctx context.Context) (time.Duration, error) {
	return s.OldestOutgoing(ctx, "at")
}
