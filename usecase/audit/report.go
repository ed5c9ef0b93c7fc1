package audit

import (
	"fmt"
	"slices"
	"strings"
)

// Violation is one thing that must not be.
type Violation struct {
	Invariant string // I1 …
	Detail    string // names seat, booking, offset or row
}

// Report is what an audit found.
type Report struct {
	Events, Seats, Records, Messages, Bookings, Payments, DeadLetters int // what was read
	Violations                                                        []Violation
	Gaps                                                              []Gap
}

// Gap is what was not judged of an invariant, and why.
type Gap struct {
	Invariant, Why string
	Whole          bool // nothing of it was
}

func (r *Report) violate(invariant, format string, args ...any) {
	r.Violations = append(r.Violations, Violation{invariant, fmt.Sprintf(format, args...)})
}

// Invariants are those that are checked, in order.
var Invariants = []struct{ Name, Says string }{
	{"I1", "no seat has two live holders"},
	{"I2", "RocksDB = journal = tickets, seat by seat"},
	{"I3", "each booking in one state, by allowed edges"},
	{"I4", "paid bookings have their seats, sold and finalised"},
	{"I5", "cancelled and failed bookings have no seat"},
	{"I6", "final states stay"},
	{"I7", "deadlines are kept, to both sides"},
	{"I8", "no request waits beyond its bound"},
	{"I9", "every booking and payment is resolved"},
	{"I10", "available + reserved + sold = seats"},
	{"I11", "one outcome per request, told as it is"},
	{"I12", "one booking for each idempotency key"},
	{"I13", "charges = totals of paid bookings"},
	{"I14", "no dead letter but those that are known"},
	{"I15", "the live map = tickets"},
	{"I16", "no process holds more than its work needs"},
	{"I17", "everything that was sent is applied"},
}

// Of are the violations of one invariant.
func (r Report) Of(invariant string) []Violation {
	var out []Violation
	for _, v := range r.Violations {
		if v.Invariant == invariant {
			out = append(out, v)
		}
	}
	return out
}

// Gap finds what was not judged of an invariant.
func (r Report) Gap(invariant string) (Gap, bool) {
	i := slices.IndexFunc(r.Gaps, func(g Gap) bool { return g.Invariant == invariant })
	if i < 0 {
		return Gap{}, false
	}
	return r.Gaps[i], true
}

// Same tells whether two reports found the same.
func (r Report) Same(other Report) bool {
	return slices.Equal(r.sorted(), other.sorted())
}

func (r Report) sorted() []Violation {
	return slices.SortedFunc(slices.Values(r.Violations), func(a, b Violation) int {
		return strings.Compare(a.Invariant+a.Detail, b.Invariant+b.Detail)
	})
}
