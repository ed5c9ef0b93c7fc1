package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// running reports whether the installation runs, so that it could have finished
// its work by now.
func (s Sources) running() bool { return len(s.Maps) > 0 }

// over reports whether more than a limit has passed since a moment while the
// installation ran. An installation that is stopped expires and sends nothing.
func (a *auditor) over(since time.Time, limit time.Duration) bool {
	if since.Before(a.Started) {
		since = a.Started
	}
	return a.Now().Sub(since) > limit
}

// spare reports whether something is not judged because it was in progress when
// the installation stopped, and counts it.
func (a *auditor) spare(invariant string, inProgress bool) bool {
	return a.spareAll(invariant, inProgress, 1)
}

func (a *auditor) spareAll(invariant string, inProgress bool, n int) bool {
	if !inProgress || a.running() {
		return false
	}
	a.spared[invariant] += n
	return true
}

// unsent finds the bookings about which a message waits in an outbox.
func (a *auditor) unsent(ctx context.Context) error {
	a.moving = map[domain.BookingID]bool{}
	if a.running() {
		return nil
	}
	for _, records := range []port.InputRecords{a.BookingInputs, a.TicketInputs} {
		ids, err := records.Unsent(ctx)
		if err != nil {
			return fmt.Errorf("outbox: %w", err)
		}
		for _, id := range ids {
			a.moving[id] = true
		}
	}
	return nil
}

// untold reports whether the messages of a decision had still to be sent.
func (a *auditor) untold(h *history, id domain.BookingID, d decision) bool {
	if !a.spare("I11", d.offset >= h.fold.states[d.partition].Emitted.Offset) {
		return false
	}
	a.moving[id] = true
	return true
}

// gaps lists what was not judged.
func (a *auditor) gaps() {
	for _, i := range Invariants {
		if gap, ok := a.gap(i.Name); ok {
			a.report.Gaps = append(a.report.Gaps, gap)
		}
	}
}

func (a *auditor) gap(invariant string) (Gap, bool) {
	why := func(format string, args ...any) (Gap, bool) {
		return Gap{Invariant: invariant, Why: fmt.Sprintf(format, args...)}, true
	}
	stopped, inProgress := !a.running(), a.spared[invariant]
	switch {
	case stopped && (invariant == "I15" || invariant == "I16"):
		return Gap{invariant, "the installation does not run", true}, true
	case stopped && invariant == "I2" && len(a.Seats) == 0:
		return why("there is no RocksDB")
	case inProgress == 1:
		return why("1 was in progress when it stopped")
	case inProgress > 0:
		return why("%d were in progress when it stopped", inProgress)
	case stopped && a.Now().IsZero() && (invariant == "I7" || invariant == "I8" || invariant == "I9"):
		return why("it is not known when it stopped")
	case invariant == "I7" && a.windows == 1:
		return why("1 payment window was recorded by an earlier version, without its beginning")
	case invariant == "I7" && a.windows > 0:
		return why("%d payment windows were recorded by an earlier version, without their beginning", a.windows)
	case invariant == "I9" && a.unseen == 1:
		return why("1 request is no longer in its topic")
	case invariant == "I9" && a.unseen > 0:
		return why("%d requests are no longer in their topic", a.unseen)
	}
	return Gap{}, false
}
