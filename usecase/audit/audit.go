package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Sources are what an audit reads.
type Sources struct {
	Catalogue port.Catalogue
	Logs      port.Logs
	Seats     []port.StoredSeats // of each server that keeps seats
	Bookings  port.BookingRecords
	Tickets   port.TicketRecords
	Charges   port.Charges
	// Maps answer the live map of an event as a reader sees it, one for each
	// server; none: nothing runs.
	Maps []func(context.Context, domain.EventID) (map[domain.SeatID]string, error)
	// BookingInputs and TicketInputs are how far the services have come.
	BookingInputs, TicketInputs port.InputRecords
	// Started is when the last run began, if nothing runs.
	Started time.Time
	// Processes are those that run; none: nothing runs.
	Processes []port.Process
	// DeadLetters is how many there may be.
	DeadLetters int
	// Now is the present, or when the last run ended; zero if that is not known.
	Now func() time.Time
}

// Audit reads everything once, and tells how many of its steps are done.
// What moves while it reads may look violated: only what is still so when all
// is at rest is. Where nothing runs, what was under way when it stopped is not
// judged: the next start takes it to its end.
func Audit(ctx context.Context, s Sources, progress func(done, steps int)) (Report, error) {
	a := auditor{Sources: s, spared: map[string]int{}}
	// Bookings first, what follows from them later: what is acknowledged by then
	// must be found.
	bookings, err := s.Bookings.AllBookings(ctx)
	if err != nil {
		return a.report, fmt.Errorf("bookings: %w", err)
	}
	payments, err := s.Bookings.AllPayments(ctx)
	if err != nil {
		return a.report, fmt.Errorf("payments: %w", err)
	}
	charges, err := s.Charges.Charges(ctx)
	if err != nil {
		return a.report, fmt.Errorf("the gateway's book: %w", err)
	}
	ids, err := s.Tickets.EventIDs(ctx)
	if err != nil {
		return a.report, fmt.Errorf("events: %w", err)
	}
	if err := a.unsent(ctx); err != nil {
		return a.report, err
	}
	a.report.Bookings, a.report.Payments, a.report.Events = len(bookings), len(payments), len(ids)
	ofEvent := map[domain.EventID][]booking.Booking{}
	for _, b := range bookings {
		ofEvent[b.EventID] = append(ofEvent[b.EventID], b)
	}
	a.states(bookings)
	a.payments(bookings, payments, charges)
	done, steps := 0, len(ids)*stepsPerEvent
	a.step = func() { done++; progress(done, steps) }
	for _, id := range ids {
		if err := a.event(ctx, id, ofEvent[id]); err != nil {
			return a.report, fmt.Errorf("event %d: %w", id, err)
		}
		delete(ofEvent, id)
	}
	if err := a.keys(ctx); err != nil {
		return a.report, err
	}
	a.processes(len(ids))
	letters, err := s.Logs.DeadLetters(ctx)
	if err != nil {
		return a.report, fmt.Errorf("dead letters: %w", err)
	}
	if a.report.DeadLetters = letters; letters != s.DeadLetters {
		a.report.violate("I14", "there are %d dead letters, %d are known", letters, s.DeadLetters)
	}
	for id, lost := range ofEvent {
		a.report.violate("I9", "%d bookings are of event %d, which is not there", len(lost), id)
	}
	a.gaps()
	return a.report, nil
}

type auditor struct {
	Sources
	report Report
	step   func()
	moving map[domain.BookingID]bool // those that were under way when it stopped
	spared map[string]int            // by invariant: what was not judged, being under way
}

// stepsPerEvent: the journal, seven topics, tickets, RocksDB.
const stepsPerEvent = 10

// states checks each booking by itself (I3, I9).
func (a *auditor) states(bookings []booking.Booking) {
	for _, b := range bookings {
		if why := impossible(b); why != "" {
			a.report.violate("I3", "booking %s is %s and %s", b.ID, b.Status, why)
		}
		if b.Status == booking.PendingPayment && a.over(b.ExpiresAt, scanLimit) {
			a.report.violate("I7", "booking %s is pending, its window ended at %s", b.ID, b.ExpiresAt.Format(time.RFC3339))
		}
		if b.Status == booking.Processing && a.over(b.CreatedAt, resendBound) {
			a.report.violate("I8", "booking %s is PROCESSING since %s", b.ID, b.CreatedAt.Format(time.RFC3339))
		}
		if b.Status == booking.Processing && !a.spare("I9", !a.over(b.CreatedAt, resendBound)) {
			a.report.violate("I9", "booking %s of event %d has no answer since %s", b.ID, b.EventID, b.CreatedAt.Format(time.RFC3339))
		}
	}
}

const (
	scanLimit   = 10 * time.Second // a scan a second, and what a storm takes
	resendBound = 10 * time.Minute // twice the longest interval of being sent again
)

// impossible says what no allowed edge leads to.
func impossible(b booking.Booking) string {
	seats, window, paid := len(b.Seats) > 0, !b.ExpiresAt.IsZero(), !b.PaidAt.IsZero()
	type shape struct {
		seats, window, paid, failure, cancellation bool
		revision                                   int64
	}
	got := shape{seats, window, paid, b.Failure != "", b.Cancellation != "", b.Revision}
	want := map[booking.Status][]shape{
		booking.Processing:     {{revision: 1}},
		booking.PendingPayment: {{seats: true, window: true, revision: 2}},
		booking.Paid:           {{seats: true, window: true, paid: true, revision: 3}},
		booking.Failed:         {{failure: true, revision: 2}},
		booking.Cancelled:      {{cancellation: true, revision: 2}, {seats: true, window: true, cancellation: true, revision: 3}},
	}[b.Status]
	for _, w := range want {
		if got == w {
			if b.Quantity < len(b.Seats) {
				return fmt.Sprintf("has %d seats of %d asked for", len(b.Seats), b.Quantity)
			}
			if paid && !b.PaidAt.Before(b.ExpiresAt) {
				return "was paid after its window"
			}
			return ""
		}
	}
	return fmt.Sprintf("has revision %d, seats %v, window %v, paid %v, failure %q, cancellation %q", b.Revision, seats, window, paid, b.Failure, b.Cancellation)
}
