package audit

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// history is a journal as it was read.
type history struct {
	event     ticketing.CatalogueEvent
	requests  *requests
	fold      folded
	decisions map[domain.BookingID]decision
	// holders is kept beside the fold, since the fold is what is checked.
	holders map[domain.SeatID]domain.BookingID
	plans   map[string]*seating.Plan
	ended   map[domain.BookingID]journal.Kind // SeatsSold or SeatsReleased
	reading map[message.Action]reading
}

// folded is what the accepted records add up to, by partition.
type folded struct {
	folds  [domain.Partitions]journal.Fold
	states [domain.Partitions]*journal.State
	last   [domain.Partitions]port.RecordIdentity // of the record before folds.Next
}

func newFolded() folded {
	var f folded
	for p := range f.states {
		f.states[p] = journal.NewState()
	}
	return f
}

// accept moves the fold over an entry and reports whether the entry counts.
func (f *folded) accept(p domain.Partition, e journal.Entry) bool {
	f.last[p] = port.IdentityOf(e.Record)
	return f.folds[p].Accept(e)
}

// apply changes the state by a record that was accepted. It changes nothing and
// returns false if the record names seats that its section does not have.
func (f *folded) apply(p domain.Partition, e journal.Entry) bool {
	if section, ok := f.states[p].Section(e.Record.Section); ok {
		for _, i := range e.Record.Seats {
			if i < 0 || int(i) >= section.Map.Plan().SeatCount() {
				return false
			}
		}
	}
	f.states[p].Apply(&e.Record, e.Offset)
	return true
}

// journal reads all partitions of an event (I1, I11).
func (a *auditor) journal(ctx context.Context, event ticketing.CatalogueEvent, q *requests) (*history, error) {
	h := &history{event: event, requests: q, fold: newFolded(), decisions: map[domain.BookingID]decision{},
		holders: map[domain.SeatID]domain.BookingID{}, plans: map[string]*seating.Plan{}, ended: map[domain.BookingID]journal.Kind{}}
	var broken error
	err := a.logsOf(event).Journal(ctx, event.ID, func(p domain.Partition, e journal.Entry) {
		a.report.Records++
		if h.fold.accept(p, e) {
			if err := a.record(h, p, e); err != nil && broken == nil {
				broken = fmt.Errorf("journal partition %d offset %d: %w", p, e.Offset, err)
			}
		}
	})
	if err == nil {
		err = broken
	}
	return h, err
}

func (a *auditor) record(h *history, p domain.Partition, e journal.Entry) error {
	r := &e.Record
	if is, ok := home(h.event, r.Section); r.Section != "" && r.Kind != journal.CommandRejected && (!ok || is != p) {
		a.report.violate("I11", "%s at %d:%d is about section %s, which does not belong to partition %d", r.Kind, p, e.Offset, r.Section, p)
	}
	decides := !r.BookingID.IsZero() && (r.Kind == journal.SeatsReserved || r.Kind == journal.ReservationRefused || r.Kind == journal.CommandRejected)
	if decides {
		a.judge(h, p, e) // by the state before it
	}
	if !h.fold.apply(p, e) {
		a.report.violate("I1", "%s at %d:%d names seats %v, which section %s does not have", r.Kind, p, e.Offset, r.Seats, r.Section)
		return nil
	}
	switch {
	case r.Kind == journal.SeatsInitialized:
		plan, err := seating.Compile(*r.Layout)
		if err != nil {
			return err
		}
		h.plans[r.Layout.Name] = plan
	case decides:
		a.decided(h, p, e)
	case r.Kind == journal.SeatsSold || r.Kind == journal.SeatsReleased:
		a.letGo(h, p, e)
	}
	return nil
}

// letGo checks that only seats of their holder are sold or released (I1).
func (a *auditor) letGo(h *history, p domain.Partition, e journal.Entry) {
	r := &e.Record
	plan, ok := h.plans[r.Section]
	if !ok {
		a.report.violate("I1", "section %s changed at %d:%d before it was initialised", r.Section, p, e.Offset)
		return
	}
	for _, seat := range plan.Seats(r.Seats) {
		if h.holders[seat] != r.BookingID {
			a.report.violate("I1", "seat %s is held by %s, and was sold or released for %s at %d:%d", seat, h.holders[seat], r.BookingID, p, e.Offset)
		}
		if r.Kind == journal.SeatsReleased {
			delete(h.holders, seat)
		}
	}
	h.ended[r.BookingID] = r.Kind
}
