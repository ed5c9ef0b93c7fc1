package supervisor

import (
	"context"
	"errors"
	"time"
)

// unready is what a server says that is not ready.
type unready struct{ reason string }

func (u unready) Error() string { return "/readyz says: " + u.reason }

// patience ends a context when a start makes no progress for a while. A reason that
// was not given before is progress: fewer events are left to take up, fewer records to
// read.
type patience struct {
	limit time.Duration
	timer *time.Timer
	heard map[string]bool
}

func withPatience(ctx context.Context, limit time.Duration) (context.Context, *patience, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	return ctx, &patience{limit: limit, timer: time.AfterFunc(limit, cancel), heard: map[string]bool{}}, cancel
}

// hear takes the reason why something is not ready yet.
func (p *patience) hear(err error) {
	var not unready
	if errors.As(err, &not) && !p.heard[not.reason] {
		p.heard[not.reason] = true
		p.timer.Reset(p.limit)
	}
}
