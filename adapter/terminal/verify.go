package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/onsale-tickets/onsale/usecase/audit"
)

// Audit runs an audit. If standard error is a terminal, it shows a progress bar
// there.
func Audit(ctx context.Context, s audit.Sources) (audit.Report, error) {
	progress := newBars()
	bar := progress.AddBar(1, mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name("reading ")), mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
	report, err := audit.Audit(ctx, s, func(done, steps int) {
		bar.SetTotal(int64(steps), false)
		bar.SetCurrent(int64(done))
	})
	bar.SetTotal(-1, true)
	progress.Wait()
	return report, err
}

// mostShown is how many violations of one invariant are printed.
const mostShown = 20

// ErrViolations reports that an audit found violations.
var ErrViolations = errors.New("violations found")

// PrintReport prints what an audit found, a line for each invariant, one for each
// violation, and a sentence that sums up. It returns ErrViolations if there are
// any.
func PrintReport(out io.Writer, r audit.Report) error {
	fmt.Fprintf(out, "%s, %s, %s, %s, %s, %s\n", count(r.Events, "event"), count(r.Seats, "seat"), count(r.Records, "journal record"),
		count(r.Messages, "message"), count(r.Bookings, "booking"), count(r.Payments, "payment"))
	gaps := 0
	for _, i := range audit.Invariants {
		found := r.Of(i.Name)
		gap, open := r.Gap(i.Name)
		if open {
			gaps++
		}
		switch {
		case len(found) > 0:
			fmt.Fprintf(out, "  %-4s VIOLATED  %s: %s\n", i.Name, i.Says, count(len(found), "time"))
		case gap.Whole:
			fmt.Fprintf(out, "  %-4s not judged  %s: %s\n", i.Name, i.Says, gap.Why)
		case open:
			fmt.Fprintf(out, "  %-4s ok so far, not all judged  %s: %s\n", i.Name, i.Says, gap.Why)
		default:
			fmt.Fprintf(out, "  %-4s ok        %s\n", i.Name, i.Says)
		}
		for _, v := range found[:min(len(found), mostShown)] {
			fmt.Fprintf(out, "         %s\n", v.Detail)
		}
		if more := len(found) - mostShown; more > 0 {
			fmt.Fprintf(out, "         and %d more\n", more)
		}
	}
	verdict := "No violation found"
	if len(r.Violations) > 0 {
		verdict = count(len(r.Violations), "violation") + " found"
	}
	switch {
	case gaps == 1:
		verdict += "; 1 invariant was not judged fully"
	case gaps > 1:
		verdict += fmt.Sprintf("; %d invariants were not judged fully", gaps)
	}
	fmt.Fprintln(out, verdict+".")
	if len(r.Violations) > 0 {
		return ErrViolations
	}
	return nil
}

// count returns a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprint(n, " ", noun)
}

// saidEvery is the shortest time between two lines about what an audit waits for.
const saidEvery = 5 * time.Second

// Waiting returns a function that prints what an audit waits for: what it found
// not to be as it will be, or why it failed.
func Waiting(out io.Writer) func(audit.Report, error) {
	var last time.Time
	return func(r audit.Report, err error) {
		if time.Since(last) < saidEvery {
			return
		}
		last = time.Now()
		if err != nil {
			fmt.Fprintf(out, "waiting, because the check failed: %v\n", err)
			return
		}
		var open []string
		for _, i := range audit.Invariants {
			if n := len(r.Of(i.Name)); n > 0 {
				open = append(open, fmt.Sprintf("%s %s (%s)", i.Name, i.Says, count(n, "time")))
			}
		}
		fmt.Fprintf(out, "waiting for work in progress; not yet: %s\n", strings.Join(open, "; "))
	}
}
