package audit

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// decision is what the journal says about a request.
type decision struct {
	partition domain.Partition
	offset    int64
	section   string
	buyer     domain.UserID
	seats     []domain.SeatID // none: refused
	hold      domain.Hold
	price     domain.Money
	reason    string
}

// history is a journal as it was read.
type history struct {
	states    states
	folds     [domain.Partitions]journal.Fold
	decisions map[domain.BookingID]decision
	// holders is kept by hand, beside the fold: the fold is what is checked.
	holders map[domain.SeatID]domain.BookingID
	plans   map[string]*seating.Plan
	ended   map[domain.BookingID]string // sold or released
	reading map[message.Action]reading
}

// journal reads all partitions of an event (I1, I11).
func (a *auditor) journal(ctx context.Context, id domain.EventID) (*history, error) {
	h := &history{decisions: map[domain.BookingID]decision{}, holders: map[domain.SeatID]domain.BookingID{}, plans: map[string]*seating.Plan{}, ended: map[domain.BookingID]string{}}
	for p := range h.states {
		h.states[p] = journal.NewState()
	}
	var broken error
	err := a.Logs.Journal(ctx, id, func(p domain.Partition, e journal.Entry) {
		a.report.Records++
		if h.folds[p].Accept(e) {
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
	r := e.Record
	h.states[p].Apply(&r, e.Offset)
	switch r.Kind {
	case journal.SeatsInitialized:
		plan, err := seating.Compile(*r.Layout)
		if err != nil {
			return err
		}
		h.plans[r.Layout.Name] = plan
	case journal.SeatsReserved, journal.ReservationRefused:
		a.decided(h, p, e)
	case journal.CommandRejected:
		if !r.BookingID.IsZero() {
			a.decided(h, p, e)
		}
	case journal.SeatsSold, journal.SeatsReleased:
		a.letGo(h, p, e)
	}
	return nil
}

func (a *auditor) decided(h *history, p domain.Partition, e journal.Entry) {
	r := e.Record
	if first, twice := h.decisions[r.BookingID]; twice {
		a.report.violate("I11", "booking %s was decided at %d:%d and again at %d:%d", r.BookingID, first.partition, first.offset, p, e.Offset)
		return
	}
	d := decision{partition: p, offset: e.Offset, section: r.Section, buyer: r.BuyerID, price: r.UnitPrice, reason: r.Reason}
	if r.Kind == journal.SeatsReserved {
		plan, ok := h.plans[r.Section]
		if !ok {
			a.report.violate("I1", "section %s was reserved at %d:%d before it was initialised", r.Section, p, e.Offset)
			return
		}
		d.seats, d.hold = plan.Seats(r.Seats), h.states[p].HoldOf(&r, e.Offset)
		for _, seat := range d.seats {
			if other, held := h.holders[seat]; held {
				a.report.violate("I1", "seat %s is held by booking %s and was given to %s at %d:%d", seat, other, r.BookingID, p, e.Offset)
			}
			h.holders[seat] = r.BookingID
		}
	}
	h.decisions[r.BookingID] = d
}

// letGo sees that only a holder's seats are sold or released.
func (a *auditor) letGo(h *history, p domain.Partition, e journal.Entry) {
	r := e.Record
	plan, ok := h.plans[r.Section]
	if !ok {
		a.report.violate("I1", "section %s changed at %d:%d before it was initialised", r.Section, p, e.Offset)
		return
	}
	for _, seat := range plan.Seats(r.Seats) {
		if h.holders[seat] != r.BookingID {
			a.report.violate("I1", "seat %s is held by %s and was let go for %s at %d:%d", seat, h.holders[seat], r.BookingID, p, e.Offset)
		}
		if r.Kind == journal.SeatsReleased {
			delete(h.holders, seat)
		}
	}
	h.ended[r.BookingID] = "sold"
	if r.Kind == journal.SeatsReleased {
		h.ended[r.BookingID] = "released"
	}
}
