package audit

import (
	"context"
	"time"
)

const (
	again = 500 * time.Millisecond // between two audits
	still = 15 * time.Second       // what stays for this long will not change any more
)

// UntilRest repeats an audit until it finds no violation. Work in progress looks
// like a violation, and a server that has just ended is started again, so an error
// or a violation counts only if it stays for 15 seconds. UntilRest returns the last
// result when all of it has stayed for so long, or at the limit. In an installation
// that is still at work at the limit, bookings that expire for example, what has not
// stayed for so long is not a violation but a gap.
// UntilRest calls waiting with each result that it does not return.
func UntilRest(ctx context.Context, limit time.Duration, waiting func(Report, error), audit func(context.Context) (Report, error)) (Report, error) {
	hold := min(still, limit)
	began := time.Now()
	var last Report
	var lastErr error
	var first, since time.Time         // the first result, the last change
	found := map[Violation]time.Time{} // the violations of the last audit, and since when each was found
	for {
		report, err := audit(ctx)
		if err == nil && len(report.Violations) == 0 {
			return report, nil
		}
		now := time.Now()
		if first.IsZero() {
			first, since = now, now
		}
		if (err == nil) != (lastErr == nil) || err == nil && !report.Same(last) {
			since = now
		}
		last, lastErr = report, err
		if err == nil {
			found = stayed(found, report.Violations, now)
		}
		atLimit := now.Sub(began) >= limit && now.Sub(first) >= hold
		if now.Sub(since) > still || atLimit {
			return report.without(func(v Violation) bool { return now.Sub(found[v]) < hold }), err
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

// stayed returns since when each violation was found in each audit.
func stayed(before map[Violation]time.Time, violations []Violation, now time.Time) map[Violation]time.Time {
	after := make(map[Violation]time.Time, len(violations))
	for _, v := range violations {
		after[v] = now
		if since, ok := before[v]; ok {
			after[v] = since
		}
	}
	return after
}
