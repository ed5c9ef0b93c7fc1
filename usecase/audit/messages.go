package audit

import (
	"context"
	"slices"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// messages compares what was told with what was decided (I11).
func (a *auditor) messages(ctx context.Context, id domain.EventID, h *history) error {
	told := map[message.Action]map[domain.BookingID]bool{}
	for _, action := range []message.Action{message.TicketToReserved, message.BookingToPendingPayment, message.BookingToFailed,
		message.TicketToPaid, message.TicketToAvailable, message.FinalizeTicket, message.ReleaseTicket} {
		told[action] = map[domain.BookingID]bool{}
		err := a.Logs.Messages(ctx, id, action, func(d port.Delivery) {
			a.report.Messages++
			if d.Poison == nil {
				a.message(h, d, told[action])
			}
		})
		if err != nil {
			return err
		}
	}
	for booking, d := range h.decisions {
		want := []message.Action{message.TicketToReserved, message.BookingToPendingPayment}
		if len(d.seats) == 0 {
			want = []message.Action{message.BookingToFailed}
		}
		for _, action := range want {
			if !told[action][booking] {
				a.report.violate("I11", "booking %s was decided at %d:%d and %s was never sent", booking, d.partition, d.offset, action.Flow().Message)
			}
		}
	}
	return nil
}

func (a *auditor) message(h *history, d port.Delivery, told map[domain.BookingID]bool) {
	var (
		booking domain.BookingID
		seats   []domain.SeatID
		hold    domain.Hold
	)
	switch m := d.Envelope.Body.(type) {
	case message.SeatUpdatedToReserved:
		booking, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.BookingUpdatedToPendingPayment:
		booking, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.BookingUpdatedToFailed:
		booking = m.BookingID
	case message.BookingPaidSuccess:
		booking, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.BookingExpiredReleaseTickets:
		booking, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.FinalizeSeats:
		booking, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.ReleaseSeat:
		booking, seats, hold = m.BookingID, m.Seats, m.Hold
	}
	told[booking] = true
	decided, ok := h.decisions[booking]
	if !ok || decided.hold != hold || !subset(seats, decided.seats) {
		a.report.violate("I11", "%s at %d:%d tells of booking %s seats %v under hold %d, the journal says %v under %d (%d:%d)",
			d.Input.Action.Flow().Message, d.Input.Partition, d.Offset, booking, seats, hold, decided.seats, decided.hold, decided.partition, decided.offset)
	}
}

// subset: a change may name some of a booking's seats, never others.
func subset(some, all []domain.SeatID) bool {
	for _, s := range some {
		if !slices.Contains(all, s) {
			return false
		}
	}
	return true
}
