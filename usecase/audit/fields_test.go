package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

// One fault is often found by several checks. Here each check has to report the
// fault in its own words, so that none of them can be lost unseen.
func TestEachCheckReportsByItself(t *testing.T) {
	row := "the row of booking " + last.String() + " differs from the journal"
	request := "the request of booking " + manual.String()
	kept := "the outcome of booking " + last.String() + " in RocksDB"
	for name, c := range map[string]struct {
		invariant, begins, says string
		change                  func(*records)
	}{
		"the section of a row": {"I11", row, "section A, not B", func(r *records) { r.booking(last).Section = "A" }},
		"the seats of a row":   {"I11", row, "seats [", func(r *records) { slices.Reverse(r.booking(last).Seats) }},
		"the hold of a row":    {"I11", row, "hold ", func(r *records) { r.booking(last).Hold++ }},

		"the event of a request": {"I11", request, "event 2, not 1", func(r *records) {
			edit(r, manual, func(m *message.TicketReservedRequest) { m.EventID = 2 })
		}},
		"the section of a request": {"I11", request, "section X, not A", func(r *records) {
			edit(r, manual, func(m *message.TicketReservedRequest) { m.Section = "X" })
		}},
		"the subsection of a request": {"I11", request, "subsection 1, not 2", func(r *records) {
			edit(r, manual, func(m *message.TicketReservedRequest) { m.Subsection = 1 })
		}},
		"the positions of a request": {"I11", request, "positions [", func(r *records) {
			edit(r, manual, func(m *message.TicketReservedRequest) { m.Positions = positions(1, 3) })
		}},

		"the offset of an outcome":  {"I2", kept, "offset ", func(r *records) { r.outcome(last).Offset-- }},
		"the section of an outcome": {"I2", kept, "section A, not B", func(r *records) { r.outcome(last).Section = "A" }},
		"the hold of an outcome":    {"I2", kept, "hold ", func(r *records) { r.outcome(last).Hold++ }},
		"the time of an outcome":    {"I2", kept, "time ", func(r *records) { r.outcome(last).At++ }},
		"the emission mark": {"I2", "event 1 partition 1, RocksDB of server 1: it differs from the journal", "emission mark ", func(r *records) {
			r.stored[1].Emitted.Offset++
		}},

		"a booking decided twice": {"I11", "booking " + few.String() + " was decided at", "and again at", func(r *records) {
			r.write(0, journal.Record{Kind: journal.ReservationRefused, Section: "A", BookingID: few, Reason: "not_enough_seats"})
		}},
		"seats reserved before there was a section": {"I1", "section B was reserved", "before it was initialised", func(r *records) {
			r.journal[1][1].Record = journal.Record{Kind: journal.SeatsReserved, Seq: 1, Section: "B", BookingID: domain.BookingID{15: 99}, Seats: []seating.Index{0}}
		}},
		"seats released before there was a section": {"I1", "section B changed", "before it was initialised", func(r *records) {
			r.journal[1][1].Record = journal.Record{Kind: journal.SeatsReleased, Seq: 1, Section: "B", BookingID: expired, Seats: []seating.Index{0}}
		}},
		"another layout in the journal": {"I2", "event 1 section B", "the journal has another layout than the catalogue", func(r *records) {
			r.journal[1][1].Record.Layout = &seating.SectionLayout{Name: "B", Subsections: []seating.Subsection{seating.Regular(1, 1, 5)}}
		}},
		"a cancelled booking that keeps its seats": {"I5", "booking " + last.String(), "its seats are not released in the journal", func(r *records) {
			b := r.booking(last)
			b.Status, b.Cancellation, b.Revision = booking.Cancelled, booking.Expired, 3
		}},
		"a payment that was not captured": {"I13", "booking " + paid.String(), "is to be charged", func(r *records) {
			_, c := r.attempt(paid)
			*c = port.Charge{Payment: c.Payment, State: "voided"}
		}},
		"a payment of another total": {"I13", "payment ", "the total of booking " + paid.String(), func(r *records) {
			p, c := r.attempt(paid)
			p.Amount.Amount, c.Amount.Amount = 1, 1
		}},
		"a ticket that is missing": {"I10", "event 1 section A has 8 seats", "and tickets ", func(r *records) { r.tickets = r.tickets[1:] }},
	} {
		t.Run(name, func(t *testing.T) {
			r := sold(t, nil)
			c.change(r)

			report := r.audit(t)

			if !slices.ContainsFunc(report.Violations, func(v audit.Violation) bool {
				return v.Invariant == c.invariant && strings.HasPrefix(v.Detail, c.begins) && strings.Contains(v.Detail, c.says)
			}) {
				t.Errorf("nothing of %s begins with %q and says %q:\n%+v", c.invariant, c.begins, c.says, report.Violations)
			}
		})
	}
}
