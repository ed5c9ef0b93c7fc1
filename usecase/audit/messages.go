package audit

import (
	"context"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// messages compares what was told with what was decided (I11).
func (a *auditor) messages(ctx context.Context, id domain.EventID, h *history, bookings []booking.Booking) error {
	known := make(map[domain.BookingID]booking.Booking, len(bookings))
	for _, b := range bookings {
		known[b.ID] = b
	}
	told := map[message.Action]map[domain.BookingID]bool{}
	for _, action := range []message.Action{message.TicketToReserved, message.BookingToPendingPayment, message.BookingToFailed,
		message.TicketToPaid, message.TicketToAvailable, message.FinalizeTicket, message.ReleaseTicket} {
		told[action] = map[domain.BookingID]bool{}
		err := a.Logs.Messages(ctx, id, action, func(d port.Delivery) {
			a.report.Messages++
			if id := message.BookingOf(d.Envelope.Body); !id.IsZero() && !a.running() && d.Offset >= h.reading[action].next[d.Input.Partition] {
				a.moving[id] = true
			}
			if d.Poison == nil {
				a.message(h, d, told[action])
				a.outlived(d.Envelope, known)
			}
		})
		if err != nil {
			return err
		}
		a.step()
	}
	for id, d := range h.decisions {
		want := []message.Action{message.TicketToReserved, message.BookingToPendingPayment}
		if len(d.seats) == 0 {
			want = []message.Action{message.BookingToFailed}
		}
		for _, action := range want {
			if !told[action][id] && !a.untold(h, id, d) {
				a.report.violate("I11", "booking %s was decided at %d:%d and %s was never sent", id, d.partition, d.offset, action.Flow().Message)
			}
		}
	}
	return nil
}

// outlived holds what booking-service once said about a booking against what it
// is now (I6, I7).
func (a *auditor) outlived(e message.Envelope, known map[domain.BookingID]booking.Booking) {
	switch m := e.Body.(type) {
	case message.BookingPaidSuccess:
		if b := known[m.BookingID]; b.Status != booking.Paid {
			a.report.violate("I6", "booking %s was told to be paid and is %q", m.BookingID, b.Status)
		}
	case message.BookingExpiredReleaseTickets:
		b, ok := known[m.BookingID]
		if ok && !(b.Status == booking.Cancelled || b.Status == booking.Failed) {
			a.report.violate("I6", "the seats of booking %s were given back and it is %s", m.BookingID, b.Status)
		}
		if m.Reason == string(booking.Expired) && e.Time.Before(b.ExpiresAt) {
			a.report.violate("I7", "booking %s expired at %s, its window ended at %s", m.BookingID, e.Time.Format(time.RFC3339Nano), b.ExpiresAt.Format(time.RFC3339Nano))
		}
	}
}

func (a *auditor) message(h *history, d port.Delivery, told map[domain.BookingID]bool) {
	var (
		id    domain.BookingID
		seats []domain.SeatID
		hold  domain.Hold
	)
	switch m := d.Envelope.Body.(type) {
	case message.SeatUpdatedToReserved:
		id, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.BookingUpdatedToPendingPayment:
		id, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.BookingUpdatedToFailed:
		id = m.BookingID
	case message.BookingPaidSuccess:
		id, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.BookingExpiredReleaseTickets:
		id, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.FinalizeSeats:
		id, seats, hold = m.BookingID, m.Seats, m.Hold
	case message.ReleaseSeat:
		id, seats, hold = m.BookingID, m.Seats, m.Hold
	}
	told[id] = true
	decided, ok := h.decisions[id]
	if !ok || decided.hold != hold || !subset(seats, decided.seats) {
		a.report.violate("I11", "%s at %d:%d tells of booking %s seats %v under hold %d, the journal says %v under %d (%d:%d)",
			d.Input.Action.Flow().Message, d.Input.Partition, d.Offset, id, seats, hold, decided.seats, decided.hold, decided.partition, decided.offset)
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
