package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// ofArchive are the invariants that an archive shows alone.
var ofArchive = map[string]string{
	"I1": "", "I3": "", "I4": "", "I5": "", "I10": "",
	"I2":  "an archive has no RocksDB",
	"I7":  "an archive has no messages, which say when bookings expired",
	"I9":  "an archive has no payments",
	"I11": "an archive has no messages; requests are taken from the bookings",
}

// Archive checks an archive against the invariants that it shows without any service:
// I1 to I5, I10 and I11, and of the others what the rows of bookings say.
func Archive(ctx context.Context, e port.ArchivedEvent) (Report, error) {
	a := auditor{Sources: Sources{Logs: archivedLogs{e}, Now: func() time.Time { return e.At }}, known: map[domain.BookingID]*booking.Booking{},
		spared: map[string]int{}, moving: map[domain.BookingID]bool{}, step: func() {}}
	a.report.Events, a.report.Bookings, a.report.Seats = 1, len(e.Bookings), len(e.Tickets)
	var bookings []*booking.Booking
	for i := range e.Bookings {
		b := &e.Bookings[i]
		if a.known[b.ID] != nil {
			a.report.violate("I11", "booking %s is there twice", b.ID)
		}
		a.known[b.ID] = b
		bookings = append(bookings, b)
		a.state(b)
		if b.Status == booking.Processing || b.Status == booking.PendingPayment {
			a.report.violate("I3", "booking %s is %s in an archive", b.ID, b.Status)
		}
	}
	q := &requests{of: map[domain.BookingID]message.TicketReservedRequest{}}
	h, err := a.journal(ctx, e.Event, q)
	if err != nil {
		return a.report, fmt.Errorf("event %d: %w", e.Event.ID, err)
	}
	a.whole(e)
	a.counts(e.Event, e.Tickets, e.Counts)
	a.revenue(e.Event, e.Tickets, e.Revenue)
	a.overTime(e.Event, e.Tickets, e.Minutes)
	if !e.Event.HasTopics() {
		if h.plans, err = plansOf(e.Event); err != nil {
			return a.report, err
		}
	}
	a.compare(h, e.Tickets)
	a.bookings(h, e.Tickets, bookings)
	for _, i := range Invariants {
		switch why, some := ofArchive[i.Name]; {
		case !some:
			a.report.Gaps = append(a.report.Gaps, Gap{i.Name, "an archive does not show it", true})
		case why != "":
			a.report.Gaps = append(a.report.Gaps, Gap{Invariant: i.Name, Why: why})
		}
	}
	return a.report, nil
}

// whole checks that no record of the journal is missing, and that all can be read.
func (a *auditor) whole(e port.ArchivedEvent) {
	for p, entries := range e.Journal {
		for i, entry := range entries {
			if entry.Offset != int64(i) {
				a.report.violate("I1", "journal partition %d: record %d stands where record %d should", p, entry.Offset, i)
				break
			}
		}
	}
}

// archivedLogs are the logs of an archive.
type archivedLogs struct{ port.ArchivedEvent }

func (l archivedLogs) Journal(_ context.Context, _ domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	for p, entries := range l.ArchivedEvent.Journal {
		for _, e := range entries {
			fn(domain.Partition(p), e)
		}
	}
	return nil
}

func (archivedLogs) Messages(context.Context, domain.EventID, message.Action, func(port.Delivery)) error {
	return nil
}

func (archivedLogs) Ends(context.Context, domain.EventID, message.Action) (string, map[domain.Partition]int64, error) {
	return "", nil, nil
}

func (archivedLogs) DeadLetters(context.Context) (int, error) { return 0, nil }
