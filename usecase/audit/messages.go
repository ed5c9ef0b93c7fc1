package audit

import (
	"context"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// told are the ids under which the messages of an action were sent, by booking.
type told map[domain.BookingID]string

// messages compares what was told with what was decided (I11).
func (a *auditor) messages(ctx context.Context, h *history) error {
	all := map[message.Action]told{}
	for _, action := range []message.Action{message.TicketToReserved, message.BookingToPendingPayment, message.BookingToFailed,
		message.TicketToPaid, message.TicketToAvailable, message.FinalizeTicket, message.ReleaseTicket} {
		all[action] = told{}
		err := a.logsOf(h.event).Messages(ctx, h.event.ID, action, func(d port.Delivery) {
			a.report.Messages++
			id := message.BookingOf(d.Envelope.Body)
			if !id.IsZero() && !a.running() && d.Offset >= h.reading[action].next[d.Input.Partition] {
				a.moving[id] = true
			}
			if d.Poison == nil {
				a.message(h, d, id, all[action])
				a.outlived(d.Envelope)
			}
		})
		if err != nil {
			return err
		}
		a.step()
	}
	for id, d := range h.decisions {
		for _, action := range d.answers() {
			if _, sent := all[action][id]; !sent && !a.untold(h, id, d) {
				a.report.violate("I11", "booking %s was decided at %d:%d and %s was never sent", id, d.partition, d.offset, action.Flow().Message)
			}
		}
	}
	return nil
}

// outlived compares what booking-service once said about a booking with what the
// booking is now (I6, I7).
func (a *auditor) outlived(e message.Envelope) {
	switch m := e.Body.(type) {
	case message.BookingPaidSuccess:
		if b := a.known[m.BookingID]; b == nil || b.Status != booking.Paid {
			a.report.violate("I6", "booking %s was announced as paid and is %q", m.BookingID, status(b))
		}
	case message.BookingExpiredReleaseTickets:
		b := a.known[m.BookingID]
		if b == nil {
			return
		}
		if b.Status != booking.Cancelled && b.Status != booking.Failed {
			a.report.violate("I6", "the seats of booking %s were given back and it is %s", m.BookingID, b.Status)
		}
		if m.Reason == string(booking.Expired) && e.Time.Before(b.ExpiresAt) {
			a.report.violate("I7", "booking %s expired at %s, its window ended at %s", m.BookingID, stamp(e.Time), stamp(b.ExpiresAt))
		}
	}
}

func status(b *booking.Booking) booking.Status {
	if b == nil {
		return "without a row"
	}
	return b.Status
}

// message compares one message with the decision about its booking, field by
// field, and the message of a payment or a release also with the booking's row.
func (a *auditor) message(h *history, d port.Delivery, id domain.BookingID, sent told) {
	first, repeated := sent[id]
	sent[id] = d.Envelope.ID
	name := d.Input.Action.Flow().Message
	is, ok := h.decisions[id]
	if !ok {
		a.report.violate("I11", "%s at %d:%d is about booking %s, which was never decided", name, d.Input.Partition, d.Offset, id)
		return
	}
	var diff differences
	switch m := d.Envelope.Body.(type) {
	case message.SeatUpdatedToReserved:
		is.held(&diff, m.Held)
	case message.BookingUpdatedToPendingPayment:
		is.held(&diff, m.Held)
	case message.BookingUpdatedToFailed:
		same(&diff, "section", m.Section, is.section)
		same(&diff, "reason", m.Reason, is.reason)
	case message.BookingPaidSuccess:
		is.change(&diff, m.Section, m.Seats, m.Hold, true)
		same(&diff, "buyer", m.BuyerID, is.buyer)
		same(&diff, "price", m.UnitPrice, is.price)
		same(&diff, "total", m.Total, is.price.Times(len(is.seats)))
		if b := a.known[id]; b != nil {
			sameTime(&diff, "time", m.PaidAt, b.PaidAt)
		}
	case message.BookingExpiredReleaseTickets:
		is.change(&diff, m.Section, m.Seats, m.Hold, true)
		if reason, given := releaseReason(a.known[id]); given {
			same(&diff, "reason", m.Reason, reason)
		}
	case message.FinalizeSeats:
		is.change(&diff, m.Section, m.Seats, m.Hold, false)
	case message.ReleaseSeat:
		is.change(&diff, m.Section, m.Seats, m.Hold, false)
	}
	// Seats that are given back or finalised in several steps have several messages.
	if repeated && first != d.Envelope.ID && (slices.Contains(is.answers(), d.Input.Action) || d.Input.Action == message.TicketToPaid) {
		same(&diff, "id", d.Envelope.ID, first)
	}
	if len(diff) > 0 {
		a.report.violate("I11", "%s of booking %s at %d:%d differs from the decision (%d:%d): %s",
			name, id, d.Input.Partition, d.Offset, is.partition, is.offset, diff)
	}
}

func (d decision) held(diff *differences, m message.Held) {
	d.change(diff, m.Section, m.Seats, m.Hold, true)
	same(diff, "buyer", m.BuyerID, d.buyer)
	same(diff, "price", m.UnitPrice, d.price)
	same(diff, "time", m.ReservedAt.UnixMicro(), d.at)
}

// change compares section, seats and hold. A message that is not about all seats
// of a booking may name some of them, never others.
func (d decision) change(diff *differences, section string, seats []domain.SeatID, hold domain.Hold, all bool) {
	same(diff, "section", section, d.section)
	same(diff, "hold", hold, d.hold)
	if all || !subset(seats, d.seats) {
		sameList(diff, "seats", seats, d.seats)
	}
}

// releaseReason is what a release of the seats of a booking gives as its reason.
// It is not known while the booking has not ended.
func releaseReason(b *booking.Booking) (reason string, known bool) {
	switch {
	case b == nil:
		return booking.ReleaseUnknown, true
	case b.Status == booking.Failed:
		return booking.ReleaseFailed, true
	case b.Status == booking.Cancelled:
		return string(b.Cancellation), true
	}
	return "", false
}

func subset(some, all []domain.SeatID) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}
