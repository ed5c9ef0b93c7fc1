package audit_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/usecase/audit"
)

func TestUntilRest(t *testing.T) {
	unsound := func(details ...string) (r audit.Report) {
		for _, detail := range details {
			r.Violations = append(r.Violations, audit.Violation{Invariant: "I2", Detail: detail})
		}
		return r
	}
	inProgress := func(why string) audit.Report {
		return audit.Report{Gaps: []audit.Gap{{Invariant: "I2", Why: why}}}
	}
	away := errors.New("a server is away")
	type result struct {
		report audit.Report
		err    error
	}
	// at returns what an audit finds so long after the first one.
	for name, c := range map[string]struct {
		at    func(after time.Duration) result
		audit time.Duration // how long an audit takes
		limit time.Duration
		want  result
		took  time.Duration // at least; and at most two seconds more
	}{
		"returns the first sound report": {
			at:    func(time.Duration) result { return result{} },
			limit: time.Minute,
		},
		"waits for what is in progress": {
			at: func(after time.Duration) result {
				if after < 20*time.Second {
					return result{report: unsound(after.String())} // it moves
				}
				return result{}
			},
			limit: time.Minute, took: 20 * time.Second,
		},
		"waits for a server that comes back": {
			at: func(after time.Duration) result {
				if after < 5*time.Second {
					return result{err: away}
				}
				return result{}
			},
			limit: time.Minute, took: 5 * time.Second,
		},
		"gives up when nothing moves": {
			at:    func(time.Duration) result { return result{report: unsound("a seat")} },
			limit: time.Minute, want: result{report: unsound("a seat")}, took: 15 * time.Second,
		},
		"gives up when a server stays away": {
			at:    func(time.Duration) result { return result{err: away} },
			limit: time.Minute, want: result{err: away}, took: 15 * time.Second,
		},
		"gives up at the limit, whatever moves": {
			at:    func(after time.Duration) result { return result{report: unsound((after / time.Second).String())} },
			limit: 30 * time.Second, want: result{report: inProgress("1 in progress")}, took: 30 * time.Second,
		},
		"tells at the limit what stays and what moves": {
			at: func(after time.Duration) result {
				found := unsound("a seat", "another "+after.String(), "a third "+after.String())
				found.Gaps = []audit.Gap{{Invariant: "I2", Why: "there is no RocksDB"}}
				return result{report: found}
			},
			limit: 30 * time.Second, took: 30 * time.Second,
			want: result{report: audit.Report{Violations: unsound("a seat").Violations, Gaps: inProgress("2 in progress, there is no RocksDB").Gaps}},
		},
		"does not count what was found only lately": {
			at: func(after time.Duration) result {
				if after < 20*time.Second {
					return result{report: unsound(after.String())}
				}
				return result{report: unsound("a seat")}
			},
			limit: 30 * time.Second, want: result{report: inProgress("1 in progress")}, took: 30 * time.Second,
		},
		"audits once more when the first takes longer than the limit": {
			at:    func(time.Duration) result { return result{report: unsound("a seat")} },
			audit: 40 * time.Second,
			limit: 30 * time.Second, want: result{report: unsound("a seat")}, took: 80 * time.Second,
		},
		"counts everything when it is not to wait": {
			at:    func(after time.Duration) result { return result{report: unsound(after.String())} },
			limit: 0, want: result{report: unsound("0s")},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()

				waited := false
				report, err := audit.UntilRest(t.Context(), c.limit, func(audit.Report, error) { waited = true }, func(context.Context) (audit.Report, error) {
					is := c.at(time.Since(began))
					time.Sleep(c.audit)
					return is.report, is.err
				})

				if !errors.Is(err, c.want.err) || !report.Same(c.want.report) || !slices.Equal(report.Gaps, c.want.report.Gaps) {
					t.Errorf("%+v, %v", report, err)
				}
				if waited != (c.took > 0) {
					t.Errorf("it said that it waits: %v", waited)
				}
				if took := time.Since(began); took < c.took || took > c.took+2*time.Second {
					t.Errorf("it took %s, want %s", took, c.took)
				}
			})
		})
	}
	t.Run("ends with its context", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()

			_, err := audit.UntilRest(ctx, time.Minute, func(audit.Report, error) {}, func(context.Context) (audit.Report, error) { return unsound("a seat"), nil })

			if !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	})
}
