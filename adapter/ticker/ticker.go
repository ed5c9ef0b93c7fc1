// Package ticker runs tasks at intervals, and at once when a bell rings.
package ticker

import (
	"context"
	"log/slog"
	"time"
)

// Task is run again and again.
type Task struct {
	Name  string
	Every time.Duration
	Bell  <-chan struct{} // runs the task at once; may be nil
	Do    func(context.Context) error
}

// Run runs the task until ctx is done. An error is logged and the task runs again at
// the next interval, so it must be safe to repeat.
func (t Task) Run(ctx context.Context, log *slog.Logger) error {
	tick := time.NewTicker(t.Every)
	defer tick.Stop()
	for {
		if err := t.Do(ctx); err != nil && ctx.Err() == nil {
			log.Warn("task failed, will run again", "task", t.Name, "error", err)
			select { // after a failure the bell must not shorten the pause
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
