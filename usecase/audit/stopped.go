package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// running tells whether there is anybody who could have acted by now.
func (s Sources) running() bool { return len(s.Maps) > 0 }

// over tells whether more than a limit went by since a moment, while the
// installation ran: one that is stopped expires nothing and sends nothing.
func (a *auditor) over(since time.Time, limit time.Duration) bool {
	if since.Before(a.Started) {
		since = a.Started
	}
	return a.Now().Sub(since) > limit
}

// spare tells whether something is not judged, since it was under way when the
// installation stopped, and counts it.
func (a *auditor) spare(invariant string, underWay bool) bool {
	return a.spareAll(invariant, underWay, 1)
}

func (a *auditor) spareAll(invariant string, underWay bool, n int) bool {
	if !underWay || a.running() {
		return false
	}
	a.spared[invariant] += n
	return true
}

// unsent takes note of the bookings about which a message waits in an outbox.
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

// untold tells whether what was decided had still to be sent.
func (a *auditor) untold(h *history, id domain.BookingID, d decision) bool {
	if !a.spare("I11", d.offset >= h.states[d.partition].Emitted.Offset) {
		return false
	}
	a.moving[id] = true
	return true
}

// gaps says what was not judged.
func (a *auditor) gaps() {
	if a.running() {
		return
	}
	for _, i := range Invariants {
		switch n := a.spared[i.Name]; {
		case i.Name == "I2" && len(a.Seats) == 0:
			a.report.Gaps = append(a.report.Gaps, Gap{i.Name, "there is no RocksDB", false})
		case i.Name == "I15" || i.Name == "I16":
			a.report.Gaps = append(a.report.Gaps, Gap{i.Name, "it does not run", true})
		case n > 0:
			a.report.Gaps = append(a.report.Gaps, Gap{i.Name, fmt.Sprintf("%d were under way when it stopped", n), false})
		case a.Now().IsZero() && (i.Name == "I7" || i.Name == "I8" || i.Name == "I9"):
			a.report.Gaps = append(a.report.Gaps, Gap{i.Name, "nobody knows when it stopped", false})
		}
	}
}
