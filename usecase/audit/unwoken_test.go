package audit_test

import (
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// unwoken are the records of an event that nobody ever booked.
func unwoken(t *testing.T) *records {
	t.Helper()
	r := sold(t, nil)
	r.event.JournalTopicID = ""
	r.event.Revision++
	if err := r.catalogue.PublishEvent(t.Context(), r.event); err != nil {
		t.Fatal(err)
	}
	r.bookings, r.payments, r.charges, r.outcomes, r.minutes, r.shown, r.stored = nil, nil, nil, nil, nil, nil, [domain.Partitions]*port.SeatSnapshot{}
	r.counts, r.revenue = make([]ticketing.Counts, len(r.event.Sections)), make([]int64, len(r.event.Sections))
	for i := range r.tickets {
		r.tickets[i] = ticketing.Ticket{Seat: r.tickets[i].Seat}
		for n, s := range r.event.Sections {
			if s.Layout.Name == r.tickets[i].Seat.Section {
				r.counts[n].Available++
			}
		}
	}
	return r
}

// An event that was never woken has no topics: nothing of it is read from there.
func TestAuditOfAnEventThatWasNeverWoken(t *testing.T) {
	if report := unwoken(t).audit(t); len(report.Violations) != 0 || report.Records != 0 {
		t.Errorf("%d records of its journal were read: %v", report.Records, report.Violations)
	}
	for name, c := range map[string]struct {
		invariant, says string
		change          func(r *records)
	}{
		"a ticket that was sold":  {"I2", "A-2-1-1", func(r *records) { r.ticket(seat("A", 2, 1)).Status = ticketing.Sold }},
		"a ticket without a seat": {"I2", "A-2-1-9", func(r *records) { r.ticket(seat("A", 2, 1)).Seat.Seat = 9 }},
	} {
		t.Run(name, func(t *testing.T) {
			r := unwoken(t)
			c.change(r)
			found := false
			for _, v := range r.audit(t).Of(c.invariant) {
				found = found || strings.Contains(v.Detail, c.says)
			}
			if !found {
				t.Errorf("%s says nothing about %s", c.invariant, c.says)
			}
		})
	}
}
