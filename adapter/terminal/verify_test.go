package terminal_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

func TestPrintReport(t *testing.T) {
	t.Run("of a sound installation", func(t *testing.T) {
		var out strings.Builder

		err := terminal.PrintReport(&out, audit.Report{Events: 1, Seats: 12, Bookings: 9})

		if err != nil || strings.Count(out.String(), " ok  ") != len(audit.Invariants) || !strings.HasPrefix(out.String(), "1 event, 12 seats, 0 journal records,") || !strings.HasSuffix(out.String(), "\nNo violation found.\n") {
			t.Errorf("%v\n%s", err, out.String())
		}
	})
	t.Run("of one with violations and gaps", func(t *testing.T) {
		var out strings.Builder
		r := audit.Report{Gaps: []audit.Gap{{Invariant: "I7", Why: "3 windows"}, {Invariant: "I15", Why: "it does not run", Whole: true}}}
		for n := range 23 {
			r.Violations = append(r.Violations, audit.Violation{Invariant: "I2", Detail: "seat " + strconv.Itoa(n)})
		}

		err := terminal.PrintReport(&out, r)

		if !errors.Is(err, terminal.ErrViolations) {
			t.Error(err)
		}
		for _, line := range []string{"  I2   VIOLATED  ", ": 23 times\n", "         seat 19\n         and 3 more\n", "  I7   ok so far, not all judged  ", ": 3 windows\n", "  I15  not judged  ", ": it does not run\n", "\n23 violations found; 2 invariants were not judged fully.\n"} {
			if !strings.Contains(out.String(), line) {
				t.Errorf("no %q in\n%s", line, out.String())
			}
		}
		if strings.Contains(out.String(), "seat 20") {
			t.Error("all violations are printed")
		}
	})
}

func TestWaiting(t *testing.T) {
	var out strings.Builder
	say := terminal.Waiting(&out)

	for range 3 { // at once: only the first is said
		say(audit.Report{Violations: []audit.Violation{{Invariant: "I17"}, {Invariant: "I9"}, {Invariant: "I17"}}}, nil)
	}
	terminal.Waiting(&out)(audit.Report{}, errors.New("a server is away"))

	want := "waiting for work in progress; not yet: I9 every booking and payment is there and resolved (1 time); I17 everything that was sent is applied (2 times)\n" +
		"waiting, because the check failed: a server is away\n"
	if out.String() != want {
		t.Error(out.String())
	}
}
