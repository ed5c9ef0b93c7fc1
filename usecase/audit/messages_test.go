package audit_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

func TestAuditComparesEveryFieldOfMessages(t *testing.T) { mustFind(t, differing()) }

// differing are messages that differ in one field from what they should say.
func differing() map[string]wrong {
	all := map[string]wrong{}
	says := func(what, of string, change func(*records)) { all[what] = wrong{"I11", of, nil, change} }
	held := func(of domain.BookingID, change func(*message.Held)) func(*records) {
		return func(r *records) {
			edit(r, of, func(m *message.SeatUpdatedToReserved) { change(&m.Held) })
		}
	}
	heldToo := func(of domain.BookingID, change func(*message.Held)) func(*records) {
		return func(r *records) {
			edit(r, of, func(m *message.BookingUpdatedToPendingPayment) { change(&m.Held) })
		}
	}
	for what, change := range map[string]func(*message.Held){
		"another buyer":        func(m *message.Held) { m.BuyerID = 1 },
		"another price":        func(m *message.Held) { m.UnitPrice.Amount = 1 },
		"another currency":     func(m *message.Held) { m.UnitPrice.Currency = "USD" },
		"other seats":          func(m *message.Held) { m.Seats = []domain.SeatID{seat("A", 1, 4), seat("A", 1, 3)} },
		"fewer seats":          func(m *message.Held) { m.Seats = m.Seats[:1] },
		"another section":      func(m *message.Held) { m.Section = "B" },
		"another hold":         func(m *message.Held) { m.Hold++ },
		"another time of hold": func(m *message.Held) { m.ReservedAt = m.ReservedAt.Add(time.Second) },
	} {
		says(what+" for the tickets", paid.String(), held(paid, change))
		says(what+" for the booking", paid.String(), heldToo(paid, change))
	}
	for what, change := range map[string]func(*message.BookingPaidSuccess){
		"another buyer":   func(m *message.BookingPaidSuccess) { m.BuyerID = 1 },
		"another price":   func(m *message.BookingPaidSuccess) { m.UnitPrice.Amount = 1 },
		"another total":   func(m *message.BookingPaidSuccess) { m.Total.Amount = 1 },
		"another hold":    func(m *message.BookingPaidSuccess) { m.Hold++ },
		"other seats":     func(m *message.BookingPaidSuccess) { m.Seats = m.Seats[:1] },
		"another section": func(m *message.BookingPaidSuccess) { m.Section = "B" },
		"another time":    func(m *message.BookingPaidSuccess) { m.PaidAt = m.PaidAt.Add(time.Minute) },
	} {
		says(what+" of the payment", paid.String(), func(r *records) { edit(r, paid, change) })
	}
	for what, change := range map[string]func(*message.TicketReservedRequest){
		"another buyer":      func(m *message.TicketReservedRequest) { m.BuyerID = 1 },
		"another price":      func(m *message.TicketReservedRequest) { m.UnitPrice.Amount = 1 },
		"another section":    func(m *message.TicketReservedRequest) { m.Section = "B" },
		"another subsection": func(m *message.TicketReservedRequest) { m.Subsection = 1 },
		"another mode":       func(m *message.TicketReservedRequest) { m.Mode = message.BestAvailable },
		"another quantity":   func(m *message.TicketReservedRequest) { m.Quantity = 1 },
		"other positions":    func(m *message.TicketReservedRequest) { m.Positions = positions(1, 3) },
		"no partial grant":   func(m *message.TicketReservedRequest) { m.AllowPartial = false },
		"another time":       func(m *message.TicketReservedRequest) { m.RequestedAt = m.RequestedAt.Add(time.Minute) },
	} {
		says(what+" of the request", manual.String(), func(r *records) { edit(r, manual, change) })
	}
	says("another reason of the failure", few.String(), func(r *records) { edit(r, few, func(m *message.BookingUpdatedToFailed) { m.Reason = "sold_out" }) })
	says("another section of the failure", few.String(), func(r *records) { edit(r, few, func(m *message.BookingUpdatedToFailed) { m.Section = "B" }) })
	says("another reason of the release", expired.String(), func(r *records) {
		edit(r, expired, func(m *message.BookingExpiredReleaseTickets) { m.Reason = "by_buyer" })
	})
	says("fewer seats of the release", expired.String(), func(r *records) {
		edit(r, expired, func(m *message.BookingExpiredReleaseTickets) { m.Seats = m.Seats[:1] })
	})
	says("another hold of the release", expired.String(), func(r *records) { edit(r, expired, func(m *message.ReleaseSeat) { m.Hold++ }) })
	says("other seats to finalise", paid.String(), func(r *records) {
		edit(r, paid, func(m *message.FinalizeSeats) { m.Seats = []domain.SeatID{seat("A", 1, 4)} })
	})
	says("another id the second time", paid.String(), func(r *records) {
		again := r.topics[message.TicketToReserved][0]
		again.Envelope.ID, again.Offset = "another", 99
		r.topics[message.TicketToReserved] = append(r.topics[message.TicketToReserved], again)
	})
	return all
}
