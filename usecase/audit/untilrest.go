package audit

import (
	"context"
	"time"
)

const (
	again = 500 * time.Millisecond // between two audits
	still = 15 * time.Second       // the same result for this long will not change any more
)

// UntilRest repeats an audit until it finds no violation. Work in progress looks
// like a violation, and a server that has just ended is started again, so an error
// or a violation counts only if it stays. UntilRest returns the last result when
// the limit has passed, or earlier if the result has not changed for 15 seconds.
// It calls waiting with each result that it does not return.
func UntilRest(ctx context.Context, limit time.Duration, waiting func(Report, error), audit func(context.Context) (Report, error)) (Report, error) {
	var last Report
	var lastErr error
	began := time.Now()
	for since := began; ; {
		report, err := audit(ctx)
		if err == nil && len(report.Violations) == 0 {
			return report, nil
		}
		if (err == nil) != (lastErr == nil) || err == nil && !report.Same(last) {
			since = time.Now()
		}
		last, lastErr = report, err
		if time.Since(since) > still || time.Since(began) > limit {
			return report, err
		}
		if ctx.Err() == nil {
			waiting(report, err)
		}
		select {
		case <-time.After(again):
		case <-ctx.Done():
			return report, ctx.Err()
		}
	}
}
