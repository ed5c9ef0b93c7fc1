package audit

import (
	"fmt"
	"slices"
	"strings"
)

// Violation is one fact that contradicts an invariant.
type Violation struct {
	Invariant string // I1 …
	Detail    string // names the seat, booking, offset or row
}

// Report is the result of an audit.
type Report struct {
	Events, Seats, Records, Messages, Bookings, Payments, DeadLetters int // how many were read
	Violations                                                        []Violation
	Gaps                                                              []Gap
}

// Gap is what was not judged of an invariant, and why.
type Gap struct {
	Invariant, Why string
	Whole          bool // nothing of the invariant was judged
}

func (r *Report) violate(invariant, format string, args ...any) {
	r.Violations = append(r.Violations, Violation{invariant, fmt.Sprintf(format, args...)})
}

// Invariants are those that an audit checks, in the order of a report.
var Invariants = []struct{ Name, Says string }{
	{"I1", "no seat has two holders at once"},
	{"I2", "RocksDB = journal = tickets, seat by seat"},
	{"I3", "each booking in one state, by allowed transitions"},
	{"I4", "paid bookings have their seats, sold and finalised"},
	{"I5", "cancelled and failed bookings have no seat"},
	{"I6", "final states stay"},
	{"I7", "payment windows have their length, deadlines are kept"},
	{"I8", "no request waits beyond its bound"},
	{"I9", "every booking and payment is there and resolved"},
	{"I10", "available + reserved + sold = seats, revenue = price of the sold tickets"},
	{"I11", "one outcome per request, by the rules, and told as it is"},
	{"I12", "one booking for each idempotency key"},
	{"I13", "attempts to pay = the gateway's book, charges = totals of paid bookings"},
	{"I14", "no dead letter but the known ones"},
	{"I15", "the live map = tickets"},
	{"I16", "no process holds more than its work needs"},
	{"I17", "everything that was sent is applied"},
}

// Of returns the violations of one invariant.
func (r Report) Of(invariant string) []Violation {
	var out []Violation
	for _, v := range r.Violations {
		if v.Invariant == invariant {
			out = append(out, v)
		}
	}
	return out
}

// Gap returns what was not judged of an invariant, if anything.
func (r Report) Gap(invariant string) (Gap, bool) {
	i := slices.IndexFunc(r.Gaps, func(g Gap) bool { return g.Invariant == invariant })
	if i < 0 {
		return Gap{}, false
	}
	return r.Gaps[i], true
}

// without returns a report that has gaps instead of the violations that moved.
func (r Report) without(moved func(Violation) bool) Report {
	inProgress := map[string]int{}
	var stayed []Violation
	for _, v := range r.Violations {
		if moved(v) {
			inProgress[v.Invariant]++
		} else {
			stayed = append(stayed, v)
		}
	}
	r.Violations = stayed
	var gaps []Gap
	for _, i := range Invariants {
		gap, open := r.Gap(i.Name)
		if n := inProgress[i.Name]; n > 0 {
			why := fmt.Sprintf("%d in progress", n)
			if open {
				why += ", " + gap.Why
			}
			gap, open = Gap{i.Name, why, gap.Whole}, true
		}
		if open {
			gaps = append(gaps, gap)
		}
	}
	r.Gaps = gaps
	return r
}

// Same reports whether two reports found the same violations.
func (r Report) Same(other Report) bool {
	return slices.Equal(r.sorted(), other.sorted())
}

func (r Report) sorted() []Violation {
	return slices.SortedFunc(slices.Values(r.Violations), func(a, b Violation) int {
		return strings.Compare(a.Invariant+a.Detail, b.Invariant+b.Detail)
	})
}
