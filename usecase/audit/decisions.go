package audit

import (
	"slices"
	"strings"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
)

// decision is what the journal says about a request.
type decision struct {
	kind      journal.Kind // SeatsReserved, ReservationRefused or CommandRejected
	partition domain.Partition
	offset    int64
	at        int64 // Unix microseconds
	section   string
	buyer     domain.UserID
	seats     []domain.SeatID // none: refused or rejected
	hold      domain.Hold
	price     domain.Money
	reason    string // as the booking is told; empty: seats were held
}

// notProcessable is the reason that the booking of a rejected request is told.
const notProcessable = "not_processable"

// decided keeps what was decided about a booking (I1, I11).
func (a *auditor) decided(h *history, p domain.Partition, e journal.Entry) {
	r := &e.Record
	if first, twice := h.decisions[r.BookingID]; twice {
		a.report.violate("I11", "booking %s was decided at %d:%d and again at %d:%d", r.BookingID, first.partition, first.offset, p, e.Offset)
		return
	}
	d := decision{kind: r.Kind, partition: p, offset: e.Offset, at: r.At, section: r.Section, buyer: r.BuyerID, price: r.UnitPrice, reason: r.Reason}
	switch r.Kind {
	case journal.CommandRejected:
		d.reason = notProcessable
	case journal.SeatsReserved:
		plan, ok := h.plans[r.Section]
		if !ok {
			a.report.violate("I1", "section %s was reserved at %d:%d before it was initialised", r.Section, p, e.Offset)
			return
		}
		d.seats, d.hold = plan.Seats(r.Seats), h.fold.states[p].HoldOf(r, e.Offset)
		for _, seat := range d.seats {
			if other, held := h.holders[seat]; held {
				a.report.violate("I1", "seat %s is held by booking %s and was given to %s at %d:%d", seat, other, r.BookingID, p, e.Offset)
			}
			h.holders[seat] = r.BookingID
		}
	}
	h.decisions[r.BookingID] = d
}

// judge decides a request again, on the seats as the journal had them before the
// decision, and compares (I11). So it finds a refusal while seats were free, and
// seats that the strategy does not choose.
func (a *auditor) judge(h *history, p domain.Partition, e journal.Entry) {
	r := &e.Record
	cause, read := h.requests.at(p, r.Cause)
	switch {
	case read && cause.booking != r.BookingID:
		a.report.violate("I11", "booking %s was decided at %d:%d, but the request at %d:%d is of booking %s", r.BookingID, p, e.Offset, p, r.Cause.Offset, cause.booking)
		return
	case read && cause.poison:
		if r.Kind != journal.CommandRejected {
			a.report.violate("I11", "booking %s was decided at %d:%d as %s, but its request cannot be read", r.BookingID, p, e.Offset, r.Kind)
		}
		return
	case !read && h.requests.removed(p, r.Cause):
		a.unseen++
		if strings.HasPrefix(r.Reason, journal.NotReadable) {
			return // nobody can tell any more whether it could be read
		}
	}
	request, ok := h.requests.of[r.BookingID]
	if !ok {
		b := a.known[r.BookingID]
		if b == nil {
			return // reported: no row
		}
		request = requestOf(b)
	}
	want, ok := journal.Decide(h.fold.states[p], &a.finder, request, r.Cause, r.At)
	if !ok || want.Kind != r.Kind || want.Reason != r.Reason || !slices.Equal(want.Seats, r.Seats) {
		a.report.violate("I11", "booking %s was decided at %d:%d as %s, the rules say %s", r.BookingID, p, e.Offset, said(h, r), said(h, &want))
	}
}

// said is a decision in words.
func said(h *history, r *journal.Record) string {
	if plan := h.plans[r.Section]; r.Kind == journal.SeatsReserved && plan != nil {
		for _, i := range r.Seats {
			if i < 0 || int(i) >= plan.SeatCount() {
				return "seats that the section does not have"
			}
		}
		var seats []string
		for _, seat := range plan.Seats(r.Seats) {
			seats = append(seats, seat.String())
		}
		return "seats " + strings.Join(seats, " ")
	}
	return r.Kind.String() + " " + r.Reason
}

// terms compares the row of a booking with the decision about it (I11).
func (a *auditor) terms(h *history, b *booking.Booking, d decision) {
	var diff differences
	if d.kind != journal.CommandRejected { // a rejection names the booking alone
		same(&diff, "buyer", b.BuyerID, d.buyer)
		same(&diff, "section", b.Section, d.section)
		same(&diff, "price", b.UnitPrice, d.price)
	}
	if len(b.Seats) > 0 {
		sameList(&diff, "seats", b.Seats, d.seats)
		same(&diff, "hold", b.Hold, d.hold)
	}
	if b.Status == booking.Failed {
		same(&diff, "failure", b.Failure, d.reason)
	}
	if len(diff) > 0 {
		a.report.violate("I11", "the row of booking %s differs from the journal (%d:%d): %s", b.ID, d.partition, d.offset, diff)
	}
	if b.UnitPrice.Currency != h.event.Currency {
		a.report.violate("I3", "booking %s is in %s, event %d sells in %s", b.ID, b.UnitPrice.Currency, h.event.ID, h.event.Currency)
	}
}

// answers are the messages that tell a decision.
func (d decision) answers() []message.Action {
	if d.kind == journal.SeatsReserved {
		return []message.Action{message.TicketToReserved, message.BookingToPendingPayment}
	}
	return []message.Action{message.BookingToFailed}
}
