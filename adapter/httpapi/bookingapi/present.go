package bookingapi

import (
	"time"

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// current returns a booking as its buyer sees it, with the time now: pages count
// down to expires_at from it.
// The clock is the one that decides about expires_at.
func current(b booking.Booking, clock port.Clock) Booking {
	out, at := present(b), clock.Now()
	out.ServerTime = &at
	return out
}

// present returns a booking as its buyer sees it.
func present(b booking.Booking) Booking {
	out := Booking{ID: uuid.UUID(b.ID), EventID: int64(b.EventID), Section: b.Section, SeatSelectionMode: SeatSelectionMode(b.Mode),
		Quantity: b.Quantity, AllowPartial: b.AllowPartial, Status: BookingStatus(b.Status), UnitPrice: money(b.UnitPrice),
		Seats: make([]SeatID, len(b.Seats)), Tickets: []BookedTicket{},
		CreatedAt: b.CreatedAt, ExpiresAt: orNull(b.ExpiresAt), PaidAt: orNull(b.PaidAt), Revision: b.Revision}
	if b.Subsection != 0 {
		out.Subsection = &b.Subsection
	}
	if b.Failure != "" {
		reason := FailureReason(b.Failure)
		out.FailureReason = &reason
	}
	if b.Cancellation != "" {
		reason := CancellationReason(b.Cancellation)
		out.CancellationReason = &reason
	}
	if total, ok := b.Total(); ok {
		m := money(total)
		out.Total = &m
	}
	for i, seat := range b.Seats {
		out.Seats[i] = seat.String()
	}
	if status, ok := ticketStatus[b.Status]; ok {
		for _, seat := range b.Seats {
			out.Tickets = append(out.Tickets, BookedTicket{TicketID: domain.TicketID(b.EventID, seat), SeatID: seat.String(),
				Price: money(b.UnitPrice), Status: status})
		}
	}
	return out
}

// ticketStatus is the status of a booking's tickets. The tickets of record reach
// it a moment later.
var ticketStatus = map[booking.Status]BookedTicketStatus{
	booking.PendingPayment: BookedTicketStatusReserved,
	booking.Paid:           BookedTicketStatusSold,
}

func money(m domain.Money) Money { return Money{Amount: m.Amount, Currency: Currency(m.Currency)} }

func orNull(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
