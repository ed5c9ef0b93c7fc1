package audit_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// stop stops the installation as it is. The cases bring it into the state in
// which a crash would have left it.
func (r *records) stop() { r.stopped = true }

// unread moves a reader back before the last message that it read.
func unread(next map[port.InputPlace]int64, a message.Action, p domain.Partition, n int64) {
	next[place(a, p)] -= n
}

// What was in progress when an installation stopped is no violation. Everything
// else still is one.
func TestAuditOfAStoppedSale(t *testing.T) {
	for name, c := range map[string]struct {
		change   func(*records)
		gap      string // the invariant that is not judged whole
		violated string
	}{
		"at rest": {change: func(*records) {}},
		"a window that ended since": {change: func(r *records) {
			b := r.booking(last)
			b.Window.Length = r.now.Add(-time.Second).Sub(b.Window.Opened)
			b.ExpiresAt = b.Window.End()
		}},
		"windows that had ended long before":        {change: func(r *records) { r.now = r.booking(last).ExpiresAt.Add(time.Minute) }, violated: "I7"},
		"a window that ended before the last start": {change: func(r *records) { r.now = r.booking(last).ExpiresAt.Add(time.Minute); r.started = r.now }},
		"nobody knows when it stopped":              {change: func(r *records) { r.now = time.Time{} }, gap: "I7"},
		"a request without an answer": {change: func(r *records) {
			*r.booking(soldOut) = r.booking(soldOut).AsAccepted()
		}, gap: "I9"},
		"a request that never had one": {change: func(r *records) {
			*r.booking(soldOut) = r.booking(soldOut).AsAccepted()
			r.now = r.now.Add(time.Hour)
		}, violated: "I8"},
		"a charge that was due": {change: func(r *records) {
			p, c := r.attempt(paid)
			p.Status, c.State, c.Captures = booking.CaptureDue, "authorised", 0
		}, gap: "I13"},
		"a charge that is in no book": {change: func(r *records) {
			p, _ := r.attempt(paid)
			p.Status, r.charges = booking.CaptureDue, r.charges[1:]
		}, violated: "I13"},
		"RocksDB behind the journal":    {change: func(r *records) { r.lag(1, 4) }},
		"RocksDB from before the sale":  {change: func(r *records) { r.lag(1, 0) }},
		"RocksDB wrong as far as it is": {change: func(r *records) { r.lag(1, 5); r.storedSeat("B", 0).Seat.Buyer = 1 }, violated: "I2"},
		"RocksDB behind, with an outcome of later": {change: func(r *records) {
			later := *r.outcome(soldOut)
			r.lag(1, 4)
			r.outcomes = append(r.outcomes, later)
		}, violated: "I2"},
		"RocksDB ahead of the journal": {change: func(r *records) { r.stored[1].Fold.Next = 99 }, violated: "I2"},
		"no RocksDB":                   {change: func(r *records) { r.seatless = true }, gap: "I2"},
		"tickets behind the journal": {change: func(r *records) {
			for n := range 4 {
				*r.ticket(seat("B", 1, n+1)) = ticketing.Ticket{Seat: seat("B", 1, n+1)}
			}
			r.counts[1] = ticketing.Counts{Available: 4}
			unread(r.ticketNext, message.TicketToReserved, 1, 1)
		}, gap: "I2"},
		"a ticket lost": {change: func(r *records) {
			*r.ticket(seat("B", 1, 1)) = ticketing.Ticket{Seat: seat("B", 1, 1)}
			r.counts[1] = ticketing.Counts{Available: 1, Reserved: 3}
		}, violated: "I2"},
		"seats not finalised, the message waits in the outbox": {change: func(r *records) {
			r.withoutMessage(message.FinalizeTicket, paid)
			r.unsent = []domain.BookingID{paid}
			r.unfinalised()
		}, gap: "I4"},
		"seats not finalised, and no message waits": {change: func(r *records) {
			r.withoutMessage(message.FinalizeTicket, paid)
			r.unfinalised()
		}, violated: "I4"},
		"an outcome that was not told yet": {change: func(r *records) {
			r.withoutMessage(message.BookingToFailed, soldOut)
			*r.booking(soldOut) = r.booking(soldOut).AsAccepted()
			r.bookingNext[place(message.BookingToFailed, 1)]--
			r.journal[1][len(r.journal[1])-1].Record.Emitted.Offset = r.outcome(soldOut).Offset
			r.stored[1].Emitted.Offset = r.outcome(soldOut).Offset
		}, gap: "I11"},
		"an outcome that was forgotten": {change: func(r *records) {
			r.withoutMessage(message.BookingToFailed, soldOut)
			r.bookingNext[place(message.BookingToFailed, 1)]--
		}, violated: "I11"},
		"messages that wait":                   {change: func(r *records) { unread(r.bookingNext, message.BookingToFailed, 1, 2) }, gap: "I17"},
		"messages that are not there":          {change: func(r *records) { unread(r.bookingNext, message.BookingToFailed, 1, -3) }, violated: "I17"},
		"a row gone":                           {change: func(r *records) { r.withoutBooking(few) }, violated: "I9"},
		"a refusal while seats were free":      {change: func(r *records) { r.journal[1][5].Record.Reason = "not_enough_seats" }, violated: "I11"},
		"a sale that is not among the revenue": {change: func(r *records) { r.minutes = nil }, violated: "I10"},
		"a window of another length":           {change: func(r *records) { r.booking(last).Window.Length++ }, violated: "I7"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sold(t, nil)
			r.stop()
			c.change(r)

			report := r.audit(t)

			if gap, ok := report.Gap("I15"); !ok || !gap.Whole {
				t.Errorf("the live map: %+v", gap)
			}
			if _, ok := report.Gap(c.gap); c.gap != "" && !ok {
				t.Errorf("%s is judged whole: %+v", c.gap, report.Gaps)
			}
			if c.violated == "" && len(report.Violations) > 0 || c.violated != "" && len(report.Of(c.violated)) == 0 {
				t.Errorf("want %q: %+v", c.violated, report.Violations)
			}
		})
	}
}
