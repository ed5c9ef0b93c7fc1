package terminal

import (
	"context"
	"fmt"
	"io"

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

// PrintReport prints what an audit found, a line for each invariant and one for
// each violation. It returns an error if there are violations.
func PrintReport(out io.Writer, r audit.Report) error {
	fmt.Fprintf(out, "%d events, %d seats, %d journal records, %d messages, %d bookings, %d payments\n",
		r.Events, r.Seats, r.Records, r.Messages, r.Bookings, r.Payments)
	for _, i := range audit.Invariants {
		found := r.Of(i.Name)
		gap, open := r.Gap(i.Name)
		switch {
		case len(found) > 0:
			fmt.Fprintf(out, "  %-4s VIOLATED  %s: %d times\n", i.Name, i.Says, len(found))
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
	if len(r.Violations) > 0 {
		return fmt.Errorf("%d violations", len(r.Violations))
	}
	return nil
}
