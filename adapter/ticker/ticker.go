// Package ticker drives use cases by time: what waits is looked at every so
// often, and at once when a bell rings.
package ticker

import (
	"context"
	"log/slog"
	"time"
)

// Task is what is done again and again.
type Task struct {
	Name  string
	Every time.Duration
	Bell  <-chan struct{} // nil: by time alone
	Do    func(context.Context) error
}

// Run does the task until ctx is done. An error is logged, and the task is done
// again at its next time: it must be one that may be repeated.
func (t Task) Run(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(t.Every)
	defer tick.Stop()
	for {
		if err := t.Do(ctx); err != nil && ctx.Err() == nil {
			log.Warn("task failed, it is tried again", "task", t.Name, "error", err)
			select { // no bell shortens the pause after a failure
			case <-tick.C:
			case <-ctx.Done():
			}
		}
		select {
		case <-tick.C:
		case <-t.Bell:
		case <-ctx.Done():
			return nil
		}
	}
}
