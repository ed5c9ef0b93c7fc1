package audit_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

// settled are the records of a sale that is over: paid, failed, given back and expired.
func settled(t *testing.T) *records {
	t.Helper()
	s := newSale(t, nil)
	s.book(booking.Booking{ID: paid, BuyerID: 7, Section: "A", Mode: message.BestAvailable, Quantity: 2, AllowPartial: true})
	s.pay(paid)
	s.book(booking.Booking{ID: manual, BuyerID: 8, Section: "A", Subsection: 2, Mode: message.Manual, Positions: positions(1, 2), Quantity: 2, AllowPartial: true})
	s.cancel(manual, booking.ByBuyer)
	s.book(booking.Booking{ID: few, BuyerID: 9, Section: "A", Subsection: 1, Mode: message.BestAvailable, Quantity: 3})
	s.book(booking.Booking{ID: last, BuyerID: 7, Section: "B", Mode: message.BestAvailable, Quantity: 5, AllowPartial: true})
	s.pay(last)
	s.book(booking.Booking{ID: soldOut, BuyerID: 9, Section: "B", Mode: message.BestAvailable, Quantity: 1, AllowPartial: true})
	return s.records()
}

// archive is the archive of the event.
func (r *records) archive() port.ArchivedEvent {
	return port.ArchivedEvent{Event: r.event, At: r.now, Journal: r.journal, Bookings: r.bookings, Tickets: r.tickets, Counts: r.counts, Revenue: r.revenue, Minutes: r.minutes}
}

func TestArchive(t *testing.T) {
	judge := func(t *testing.T, a port.ArchivedEvent) audit.Report {
		t.Helper()
		report, err := audit.Archive(t.Context(), a)
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	sound := judge(t, settled(t).archive())
	if len(sound.Violations) != 0 || sound.Events != 1 || sound.Bookings != 5 || sound.Seats != 12 || sound.Records == 0 {
		t.Errorf("a sound archive: %+v", sound)
	}
	for _, i := range []string{"I1", "I3", "I4", "I5", "I10"} {
		if gap, some := sound.Gap(i); some {
			t.Errorf("%s is not judged: %s", i, gap.Why)
		}
	}
	if bare := judge(t, unwoken(t).archive()); len(bare.Violations) != 0 {
		t.Errorf("an event that was never woken: %v", bare.Violations)
	}
	for name, c := range map[string]struct {
		invariant, says string
		change          func(a *port.ArchivedEvent)
	}{
		"a record of the journal that is missing": {"I1", "stands where", func(a *port.ArchivedEvent) { a.Journal[0] = slices.Delete(slices.Clone(a.Journal[0]), 2, 3) }},
		"records that changed places": {"I1", "stands where", func(a *port.ArchivedEvent) {
			a.Journal[0] = slices.Clone(a.Journal[0])
			a.Journal[0][1], a.Journal[0][2] = a.Journal[0][2], a.Journal[0][1]
		}},
		"the last record that is missing": {"I2", "A-1-1-1", func(a *port.ArchivedEvent) {
			a.Journal[0] = slices.DeleteFunc(slices.Clone(a.Journal[0]), func(e journal.Entry) bool { return e.Record.Kind == journal.SeatsSold })
			for i := range a.Journal[0] {
				a.Journal[0][i].Offset = int64(i)
			}
		}},
		"a booking that is missing":        {"I9", paid.String(), func(a *port.ArchivedEvent) { a.Bookings = a.Bookings[1:] }},
		"a booking twice":                  {"I11", "twice", func(a *port.ArchivedEvent) { a.Bookings = append(slices.Clone(a.Bookings), a.Bookings[0]) }},
		"a booking that is open":           {"I3", paid.String(), func(a *port.ArchivedEvent) { a.Bookings[0].Status = booking.PendingPayment }},
		"a paid booking without a seat":    {"I4", paid.String(), func(a *port.ArchivedEvent) { a.Tickets[0] = ticketing.Ticket{Seat: a.Tickets[0].Seat} }},
		"a ticket that is missing":         {"I4", paid.String(), func(a *port.ArchivedEvent) { a.Tickets = a.Tickets[1:] }},
		"counts of another event":          {"I10", "section A", func(a *port.ArchivedEvent) { a.Counts[0].Sold++ }},
		"revenue that was not taken":       {"I10", "section B", func(a *port.ArchivedEvent) { a.Revenue[1]++ }},
		"a minute in which more was taken": {"I10", "the sums say ", func(a *port.ArchivedEvent) { a.Minutes[0].Sold++ }},
	} {
		t.Run("finds "+name, func(t *testing.T) {
			a := settled(t).archive()
			c.change(&a)
			report := judge(t, a)
			if !slices.ContainsFunc(report.Of(c.invariant), func(v audit.Violation) bool { return strings.Contains(v.Detail, c.says) }) {
				t.Errorf("%s says nothing about %s: %v", c.invariant, c.says, report.Violations)
			}
		})
	}
}

// Of an event that is archived an installation has tickets and bookings, and nothing else.
func TestAuditOfAnArchivedEvent(t *testing.T) {
	archived := func(t *testing.T) *records {
		t.Helper()
		r := settled(t)
		r.event.Archived, r.event.Closed = true, true
		r.event.Revision++
		if err := r.catalogue.PublishEvent(t.Context(), r.event); err != nil {
			t.Fatal(err)
		}
		r.journal, r.topics, r.outcomes, r.stored, r.shown = [domain.Partitions][]journal.Entry{}, nil, nil, [domain.Partitions]*port.SeatSnapshot{}, nil
		return r
	}
	if report := archived(t).audit(t); len(report.Violations) != 0 {
		t.Errorf("%v", report.Violations)
	}
	for name, c := range map[string]struct {
		invariant, says string
		change          func(r *records)
	}{
		"a ticket that is reserved":     {"I2", "A-2-1-1", func(r *records) { r.ticket(seat("A", 2, 1)).Status = ticketing.Reserved }},
		"a booking that is open":        {"I9", few.String(), func(r *records) { r.booking(few).Status = booking.Processing }},
		"a paid booking without a seat": {"I4", paid.String(), func(r *records) { r.ticket(seat("A", 1, 1)).Status = ticketing.Available }},
		"a failed booking with a seat": {"I5", few.String(), func(r *records) {
			*r.ticket(seat("A", 2, 1)) = ticketing.Ticket{Seat: seat("A", 2, 1), Status: ticketing.Sold, BookingID: few}
		}},
		"counts that do not agree": {"I10", "section A", func(r *records) { r.counts[0].Available++ }},
		"rows in RocksDB":          {"I2", "partition 0", func(r *records) { r.stored[0] = &port.SeatSnapshot{} }},
	} {
		t.Run("finds "+name, func(t *testing.T) {
			r := archived(t)
			c.change(r)
			found := r.audit(t)
			if !slices.ContainsFunc(found.Of(c.invariant), func(v audit.Violation) bool { return strings.Contains(v.Detail, c.says) }) {
				t.Errorf("%s says nothing about %s: %v", c.invariant, c.says, found.Violations)
			}
		})
	}
}
