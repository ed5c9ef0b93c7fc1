package audit

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/port"
)

// Sources are what an audit reads.
type Sources struct {
	Catalogue port.Catalogue
	Logs      port.Logs
	Seats     []port.StoredSeats // one for each server of seat-reservation-service
	Bookings  port.BookingRecords
	Tickets   port.TicketRecords
	Charges   port.Charges
	// Maps read the live map of an event, one for each server. It lists the seats
	// that are not available. No Maps: the installation does not run.
	Maps []func(context.Context, domain.EventID) (map[domain.SeatID]string, error)
	// BookingInputs and TicketInputs read how far the services have come.
	BookingInputs, TicketInputs port.InputRecords
	// Started is when the last run began. It is zero if the installation runs.
	Started time.Time
	// Processes are the running ones.
	Processes []port.Process
	// DeadLetters is how many there may be.
	DeadLetters int
	// Now returns the present, or the end of the last run if the installation does
	// not run. It returns zero if that is not known.
	Now func() time.Time
}

// Audit reads everything once. It calls progress after each of its steps.
//
// In an installation that is at work, records that are read one after the other
// may contradict each other. Only an audit of an installation at rest is proof;
// see UntilRest.
func Audit(ctx context.Context, s Sources, progress func(done, steps int)) (Report, error) {
	a := auditor{Sources: s, known: map[domain.BookingID]*booking.Booking{}, spared: map[string]int{}}
	err := a.audit(ctx, progress)
	return a.report, err
}

// auditor is one audit.
type auditor struct {
	Sources
	report Report
	step   func()
	finder seating.Finder
	known  map[domain.BookingID]*booking.Booking // all rows

	// moving are the bookings with work in progress when the installation stopped.
	moving map[domain.BookingID]bool
	// spared counts by invariant what was not judged because it was in progress.
	spared map[string]int
	// windows counts the payment windows whose opening was not recorded.
	windows int
	// unseen counts the decisions whose request is no longer in its topic.
	unseen int
}

// stepsPerEvent: requests, journal, seven other topics, tickets, RocksDB.
const stepsPerEvent = 11

// audit reads bookings first and what follows from them later: everything that
// was acknowledged at the first read must be found by the later ones.
func (a *auditor) audit(ctx context.Context, progress func(done, steps int)) error {
	bookings, err := a.Bookings.AllBookings(ctx)
	if err != nil {
		return fmt.Errorf("bookings: %w", err)
	}
	payments, err := a.Bookings.AllPayments(ctx)
	if err != nil {
		return fmt.Errorf("payments: %w", err)
	}
	charges, err := a.Charges.Charges(ctx)
	if err != nil {
		return fmt.Errorf("the gateway's book: %w", err)
	}
	ids, err := a.Tickets.EventIDs(ctx)
	if err != nil {
		return fmt.Errorf("events: %w", err)
	}
	if err := a.unsent(ctx); err != nil {
		return err
	}
	a.report.Bookings, a.report.Payments, a.report.Events = len(bookings), len(payments), len(ids)
	ofEvent := map[domain.EventID][]*booking.Booking{}
	for i := range bookings {
		b := &bookings[i]
		a.known[b.ID] = b
		ofEvent[b.EventID] = append(ofEvent[b.EventID], b)
		a.state(b)
	}
	a.payments(bookings, payments, charges)
	done, steps := 0, len(ids)*stepsPerEvent
	a.step = func() { done++; progress(done, steps) }
	for _, id := range ids {
		if err := a.event(ctx, id, ofEvent[id]); err != nil {
			return fmt.Errorf("event %d: %w", id, err)
		}
		delete(ofEvent, id)
	}
	for id, lost := range ofEvent {
		a.report.violate("I9", "%d bookings are of event %d, which does not exist", len(lost), id)
	}
	if err := a.keys(ctx); err != nil {
		return err
	}
	a.processes(len(ids))
	if a.report.DeadLetters, err = a.Logs.DeadLetters(ctx); err != nil {
		return fmt.Errorf("dead letters: %w", err)
	}
	if n := a.report.DeadLetters; n != a.Sources.DeadLetters {
		a.report.violate("I14", "there are %d dead letters, %d are known", n, a.Sources.DeadLetters)
	}
	a.gaps()
	return nil
}
