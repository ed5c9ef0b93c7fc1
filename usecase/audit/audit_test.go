package audit_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// records are all that an installation recorded; the tests change them.
type records struct {
	event    ticketing.CatalogueEvent
	journal  []journal.Entry // partition 0
	messages []message.Message
	seats    map[seating.Index]seating.Seat
	outcomes map[domain.BookingID]int64
	bookings []booking.Booking
	payments []booking.Payment
	tickets  []ticketing.Ticket
	counts   []ticketing.Counts
	charges  []port.Charge
	letters  int
	keys     int
	ends     int64 // of every topic
	next     int64 // how far the services have come
	seatNext int64 // how far the seat owner has
	unsent   []domain.BookingID
	folded   int64     // how far RocksDB has read the journal
	emitted  int64     // how far the seat owner has told of it
	started  time.Time // of the last run
	stopped  time.Time // when it stopped; zero: it runs
	process  port.Process
	shown    map[domain.SeatID]string // the live map, without what is available
}

func (r *records) Journal(_ context.Context, _ domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	for _, e := range r.journal {
		fn(0, e)
	}
	if r.stopped.IsZero() || len(r.journal) == 0 {
		return nil
	}
	checkpoint := journal.Record{Kind: journal.Checkpoint, Seq: uint64(len(r.journal)), Cause: journal.Cause{Offset: -1}, Emitted: journal.Mark{Offset: r.emitted}, Positions: journal.Positions{}}
	for a := range message.Actions {
		checkpoint.Positions[a] = journal.Position{TopicID: a.String(), Next: r.seatNext}
	}
	fn(0, journal.Entry{Offset: int64(len(r.journal)), Record: checkpoint})
	return nil
}

func (r *records) Messages(_ context.Context, _ domain.EventID, a message.Action, fn func(port.Delivery)) error {
	for i, m := range r.messages {
		if m.Action() == a {
			fn(port.Delivery{Input: port.Input{Action: a}, Offset: int64(i), Envelope: message.Envelope{Body: m}})
		}
	}
	return nil
}

func (r *records) Load(_ domain.EventID, p domain.Partition) (port.SeatSnapshot, bool, error) {
	s := port.SeatSnapshot{SeatFold: port.SeatFold{JournalTopicID: "topic"}, Sections: []port.StoredSection{{Layout: r.event.Sections[0].Layout}}}
	s.Positions, s.Fold.Next = journal.Positions{}, r.folded
	for a := range message.Actions {
		s.Positions[a] = journal.Position{TopicID: a.String(), Next: r.seatNext}
	}
	for i, seat := range r.seats {
		s.Seats = append(s.Seats, port.StoredSeat{Section: "A", Index: i, Seat: seat})
	}
	return s, p == 0, nil
}

func (r *records) Outcome(_ domain.EventID, id domain.BookingID) (port.Outcome, bool, error) {
	at, ok := r.outcomes[id]
	return port.Outcome{BookingID: id, Offset: at}, ok, nil
}

func (r *records) Ends(_ context.Context, _ domain.EventID, a message.Action) (string, map[domain.Partition]int64, error) {
	return a.String(), map[domain.Partition]int64{0: r.ends}, nil
}

func (r *records) NextOffsets(context.Context) (map[port.InputPlace]int64, error) {
	next := map[port.InputPlace]int64{}
	for a := range message.Actions {
		next[port.InputPlace{TopicID: a.String()}] = r.next
	}
	return next, nil
}

func (r *records) Unsent(context.Context) ([]domain.BookingID, error) { return r.unsent, nil }

func (r *records) KeysUsedTwice(context.Context) (int, error) { return r.keys, nil }

func (r *records) DeadLetters(context.Context) (int, error) { return r.letters, nil }

func (r *records) live(context.Context, domain.EventID) (map[domain.SeatID]string, error) {
	return r.shown, nil
}

func (r *records) AllBookings(context.Context) ([]booking.Booking, error) { return r.bookings, nil }
func (r *records) AllPayments(context.Context) ([]booking.Payment, error) { return r.payments, nil }
func (r *records) EventIDs(context.Context) ([]domain.EventID, error) {
	return []domain.EventID{1}, nil
}
func (r *records) AllTickets(context.Context, domain.EventID) ([]ticketing.Ticket, []ticketing.Counts, error) {
	return r.tickets, r.counts, nil
}
func (r *records) Charges(context.Context) ([]port.Charge, error) { return r.charges, nil }

var (
	paid, failed, pending = domain.BookingID{15: 1}, domain.BookingID{15: 2}, domain.BookingID{15: 3}
	price                 = domain.Money{Amount: 100, Currency: "EUR"}
	payment               = booking.PaymentID{15: 9}
)

func seat(n int) domain.SeatID { return domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: n} }

// sound is a sale of four seats: 1 and 2 are sold to one booking, 3 is held for
// another, a third found none.
func sound() *records {
	layout := seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 1, 4)}}
	r := &records{event: ticketing.CatalogueEvent{ID: 1, Revision: 1, JournalTopicID: "topic", Currency: "EUR", MaxTickets: 4,
		Sections: []ticketing.CatalogueSection{{Layout: layout, Price: 100}}}}
	r.write(journal.Record{Kind: journal.Claimed, Nonce: 5})                                                               // 0
	r.write(journal.Record{Kind: journal.SeatsInitialized, Section: "A", Layout: &layout})                                 // 1
	r.write(journal.Record{Kind: journal.SeatsReserved, Section: "A", BookingID: paid, Seats: []seating.Index{0, 1}})      // 2
	r.write(journal.Record{Kind: journal.ReservationRefused, Section: "A", BookingID: failed, Reason: "sold_out"})         // 3
	r.write(journal.Record{Kind: journal.SeatsSold, Section: "A", BookingID: paid, Seats: []seating.Index{0, 1}, Hold: 2}) // 4
	r.write(journal.Record{Kind: journal.SeatsReserved, Section: "A", BookingID: pending, Seats: []seating.Index{2}})      // 5
	two, three := message.Held{EventID: 1, BookingID: paid, Section: "A", Seats: []domain.SeatID{seat(1), seat(2)}, Hold: 2}, message.Held{EventID: 1, BookingID: pending, Section: "A", Seats: []domain.SeatID{seat(3)}, Hold: 5}
	r.messages = []message.Message{message.SeatUpdatedToReserved{Held: two}, message.BookingUpdatedToPendingPayment{Held: two},
		message.SeatUpdatedToReserved{Held: three}, message.BookingUpdatedToPendingPayment{Held: three},
		message.BookingUpdatedToFailed{EventID: 1, BookingID: failed, Section: "A"},
		message.BookingPaidSuccess{EventID: 1, BookingID: paid, Section: "A", Seats: two.Seats, Hold: 2},
		message.FinalizeSeats{SeatChange: message.SeatChange{EventID: 1, BookingID: paid, Section: "A", Seats: two.Seats, Hold: 2}}}
	r.seats = map[seating.Index]seating.Seat{0: {Status: seating.Sold, Booking: paid, Hold: 2}, 1: {Status: seating.Sold, Booking: paid, Hold: 2}, 2: {Status: seating.Reserved, Booking: pending, Hold: 5}}
	r.outcomes = map[domain.BookingID]int64{paid: 2, failed: 3, pending: 5}
	window := now.Add(2 * time.Hour)
	r.bookings = []booking.Booking{
		{ID: paid, EventID: 1, BuyerID: 7, Section: "A", Quantity: 2, UnitPrice: price, Status: booking.Paid, Seats: two.Seats, Hold: 2, ExpiresAt: window, PaidAt: now, Revision: 3},
		{ID: failed, EventID: 1, BuyerID: 7, Section: "A", Quantity: 1, UnitPrice: price, Status: booking.Failed, Failure: "sold_out", Revision: 2},
		{ID: pending, EventID: 1, BuyerID: 8, Section: "A", Quantity: 1, UnitPrice: price, Status: booking.PendingPayment, Seats: three.Seats, Hold: 5, ExpiresAt: window, Revision: 2}}
	r.payments = []booking.Payment{{ID: payment, BookingID: paid, Amount: price.Times(2), Status: booking.Captured, StartedAt: now}}
	r.charges = []port.Charge{{Payment: payment.String(), Booking: paid.String(), Amount: price.Times(2), State: "captured", Captures: 1}}
	r.tickets = []ticketing.Ticket{
		{Seat: seat(1), Status: ticketing.Sold, Hold: 2, BookingID: paid, HolderID: 7, Price: 100},
		{Seat: seat(2), Status: ticketing.Sold, Hold: 2, BookingID: paid, HolderID: 7, Price: 100},
		{Seat: seat(3), Status: ticketing.Reserved, Hold: 5, BookingID: pending, HolderID: 8, Price: 100},
		{Seat: seat(4)}}
	r.shown = map[domain.SeatID]string{seat(1): "sold", seat(2): "sold", seat(3): "reserved"}
	r.ends, r.next, r.seatNext = 9, 9, 9
	r.process = port.Process{Name: "booking-service", Goroutines: 900, Files: 500, OpenStreams: 100}
	r.counts = []ticketing.Counts{{Available: 1, Reserved: 1, Sold: 2}}
	return r
}

// write appends a record that the fold accepts.
func (r *records) write(rec journal.Record) {
	rec.Cause.Offset = -1
	rec.Seq = uint64(len(r.journal))
	r.journal = append(r.journal, journal.Entry{Offset: int64(len(r.journal)), Record: rec})
}

func (r *records) audit(t *testing.T) audit.Report {
	t.Helper()
	catalogue := memory.NewCatalogue()
	if err := catalogue.PublishEvent(t.Context(), r.event); err != nil {
		t.Fatal(err)
	}
	sources := audit.Sources{Catalogue: catalogue, Logs: r, Seats: []port.StoredSeats{r}, Bookings: r, Tickets: r, Charges: r, Maps: []func(context.Context, domain.EventID) (map[domain.SeatID]string, error){r.live}, BookingInputs: r, TicketInputs: r, Processes: []port.Process{r.process},
		Now: func() time.Time { return now.Add(time.Hour) }}
	if !r.stopped.IsZero() {
		sources.Maps, sources.Processes, sources.Started, sources.Now = nil, nil, r.started, func() time.Time { return r.stopped }
	}
	report, err := audit.Audit(t.Context(), sources, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAuditOfASoundSale(t *testing.T) {
	if r := sound().audit(t); len(r.Violations) != 0 || r.Bookings != 3 || r.Records != 6 || r.Seats != 4 {
		t.Errorf("%+v", r)
	}
}

func TestAuditFinds(t *testing.T) {
	for name, c := range map[string]struct {
		invariant, names string
		change           func(*records)
	}{
		"a seat given twice": {"I1", "A-1-1-3", func(r *records) {
			r.write(journal.Record{Kind: journal.SeatsReserved, Section: "A", BookingID: domain.BookingID{15: 4}, Seats: []seating.Index{2}})
		}},
		"a seat released for who has it not": {"I1", "A-1-1-3", func(r *records) {
			r.write(journal.Record{Kind: journal.SeatsReleased, Section: "A", BookingID: paid, Seats: []seating.Index{2}})
		}},
		"a seat that RocksDB has free":        {"I2", "A-1-1-3", func(r *records) { delete(r.seats, 2) }},
		"a ticket that is another booking's":  {"I2", "A-1-1-3", func(r *records) { r.tickets[2].BookingID = paid }},
		"an outcome that RocksDB forgot":      {"I2", failed.String(), func(r *records) { delete(r.outcomes, failed) }},
		"a paid booking that skipped a state": {"I3", paid.String(), func(r *records) { r.bookings[0].Revision = 2 }},
		"a failed booking with seats":         {"I3", failed.String(), func(r *records) { r.bookings[1].Seats = []domain.SeatID{seat(4)} }},
		"a booking paid too late":             {"I3", paid.String(), func(r *records) { r.bookings[0].PaidAt = r.bookings[0].ExpiresAt }},
		"a paid booking with one ticket":      {"I4", paid.String(), func(r *records) { r.tickets[0] = ticketing.Ticket{Seat: seat(1)} }},
		"a paid booking not finalised":        {"I4", paid.String(), func(r *records) { r.journal = append(r.journal[:4:4], entry(4, r.journal[5], 4)) }},
		"a cancelled booking with a seat": {"I5", pending.String(), func(r *records) {
			b := &r.bookings[2]
			b.Status, b.Cancellation, b.Revision = booking.Cancelled, booking.Expired, 3
		}},
		"tickets of nobody":                   {"I5", pending.String(), func(r *records) { r.bookings = r.bookings[:2] }},
		"a paid booking that is not any more": {"I6", paid.String(), func(r *records) { r.bookings[0].Status = booking.Cancelled }},
		"a booking given back that lives": {"I6", pending.String(), func(r *records) {
			r.messages = append(r.messages, message.BookingExpiredReleaseTickets{EventID: 1, BookingID: pending, Section: "A", Seats: []domain.SeatID{seat(3)}, Hold: 5})
		}},
		"a booking that expired too early": {"I7", pending.String(), func(r *records) {
			r.messages = append(r.messages, message.BookingExpiredReleaseTickets{EventID: 1, BookingID: pending, Section: "A", Seats: []domain.SeatID{seat(3)}, Hold: 5, Reason: "expired"})
		}},
		"a booking past its window": {"I7", pending.String(), func(r *records) { r.bookings[2].ExpiresAt = now }},
		"a request that is never answered": {"I8", pending.String(), func(r *records) {
			r.bookings[2] = booking.Booking{ID: pending, EventID: 1, Status: booking.Processing, Revision: 1, Quantity: 1, CreatedAt: now}
		}},
		"a key with two bookings":       {"I12", "1 idempotency keys", func(r *records) { r.keys = 1 }},
		"goroutines of nobody":          {"I16", "booking-service", func(r *records) { r.process.OpenStreams = 0 }},
		"files of nobody":               {"I16", "booking-service", func(r *records) { r.process.Files = 5000 }},
		"a message that is not applied": {"I17", "booking-service is at 8", func(r *records) { r.next = 8 }},
		"a command that is not applied": {"I17", "seat-reservation-service is at 8", func(r *records) { r.seatNext = 8 }},
		"a dead letter":                 {"I14", "1 dead letters", func(r *records) { r.letters = 1 }},
		"a map that shows less":         {"I15", "A-1-1-3", func(r *records) { delete(r.shown, seat(3)) }},
		"a map that shows more":         {"I15", "A-1-1-4", func(r *records) { r.shown[seat(4)] = "reserved" }},
		"a booking without an answer": {"I9", pending.String(), func(r *records) {
			r.bookings[2] = booking.Booking{ID: pending, EventID: 1, Status: booking.Processing, Revision: 1, Quantity: 1}
		}},
		"a payment that hangs":           {"I9", payment.String(), func(r *records) { r.payments[0].Status = booking.CaptureDue }},
		"a count that is wrong":          {"I10", "section A", func(r *records) { r.counts[0].Sold++ }},
		"a ticket that is missing":       {"I10", "section A", func(r *records) { r.tickets = r.tickets[:3] }},
		"a request decided twice":        {"I11", failed.String(), func(r *records) { r.write(journal.Record{Kind: journal.ReservationRefused, BookingID: failed}) }},
		"an outcome that was never told": {"I11", failed.String(), func(r *records) { r.messages = slices.Delete(r.messages, 4, 5) }},
		"a message that tells other seats": {"I11", paid.String(), func(r *records) {
			r.messages[5] = message.BookingPaidSuccess{EventID: 1, BookingID: paid, Seats: []domain.SeatID{seat(4)}, Hold: 2}
		}},
		"a booking with seats of its own": {"I11", pending.String(), func(r *records) { r.bookings[2].Seats = []domain.SeatID{seat(4)} }},
		"a booking charged twice": {"I13", paid.String(), func(r *records) {
			r.payments = append(r.payments, booking.Payment{ID: booking.PaymentID{15: 8}, BookingID: paid, Status: booking.Captured})
			r.charges = append(r.charges, port.Charge{Payment: booking.PaymentID{15: 8}.String(), Booking: paid.String(), Amount: price.Times(2), State: "captured", Captures: 1})
		}},
		"a charge for what is not paid": {"I13", pending.String(), func(r *records) { r.charges[0].Booking = pending.String() }},
		"a charge of another amount":    {"I13", paid.String(), func(r *records) { r.charges[0].Amount = price }},
		"a paid booking not charged":    {"I13", paid.String(), func(r *records) { r.charges = nil }},
		"an authorisation that is kept": {"I13", payment.String(), func(r *records) { r.charges[0].State, r.payments[0].Status = "authorised", booking.Voided }},
	} {
		t.Run(name, func(t *testing.T) {
			r := sound()
			c.change(r)
			report := r.audit(t)
			for _, v := range report.Of(c.invariant) {
				if strings.Contains(v.Detail, c.names) {
					return
				}
			}
			t.Errorf("%s does not name %s: %v", c.invariant, c.names, report.Violations)
		})
	}
	t.Run("nothing in a record that the fold skips", func(t *testing.T) {
		r := sound()
		r.write(journal.Record{Kind: journal.SeatsReserved, Section: "A", BookingID: domain.BookingID{15: 4}, Seats: []seating.Index{2}, Epoch: 99})
		if report := r.audit(t); len(report.Violations) != 0 {
			t.Errorf("%v", report.Violations)
		}
	})
}

// entry moves a record to another place.
func entry(offset int64, e journal.Entry, seq uint64) journal.Entry {
	e.Offset, e.Record.Seq = offset, seq
	return e
}

// What was under way when an installation stopped is no violation, and what was
// not is one still.
func TestAuditOfAStoppedSale(t *testing.T) {
	held := booking.Booking{ID: pending, EventID: 1, BuyerID: 8, Section: "A", Quantity: 1, UnitPrice: price, Status: booking.Processing, Revision: 1, CreatedAt: now}
	for name, c := range map[string]struct {
		change   func(*records)
		gap      string // what is not all judged
		violated string
	}{
		"at rest":                                   {change: func(*records) {}},
		"a window that ended since":                 {change: func(r *records) { r.bookings[2].ExpiresAt = now.Add(-time.Second) }},
		"a window that had ended long":              {change: func(r *records) { r.bookings[2].ExpiresAt = now.Add(-time.Minute) }, violated: "I7"},
		"a window that ended before the last start": {change: func(r *records) { r.bookings[2].ExpiresAt, r.started = now.Add(-time.Minute), now }},
		"a request without an answer":               {change: func(r *records) { r.bookings[2] = held }, gap: "I9"},
		"a request that never had one":              {change: func(r *records) { held := held; held.CreatedAt = now.Add(-time.Hour); r.bookings[2] = held }, violated: "I8"},
		"a charge that was due": {change: func(r *records) {
			r.payments[0].Status, r.charges[0].State, r.charges[0].Captures = booking.CaptureDue, "authorised", 0
		}, gap: "I13"},
		"a charge that is in no book": {change: func(r *records) { r.payments[0].Status, r.charges = booking.CaptureDue, nil }, violated: "I13"},
		"RocksDB behind the journal": {change: func(r *records) {
			r.folded = 5
			delete(r.seats, 2)
			delete(r.outcomes, pending)
		}},
		"RocksDB wrong as far as it is": {change: func(r *records) { r.folded = 5; r.seats = nil }, violated: "I2"},
		"RocksDB ahead of the journal":  {change: func(r *records) { r.folded = 99 }, violated: "I2"},
		"tickets behind the journal": {change: func(r *records) {
			r.next, r.tickets[2], r.counts[0] = 2, ticketing.Ticket{Seat: seat(3)}, ticketing.Counts{Available: 2, Sold: 2}
		}, gap: "I2"},
		"a ticket lost": {change: func(r *records) {
			r.tickets[2], r.counts[0] = ticketing.Ticket{Seat: seat(3)}, ticketing.Counts{Available: 2, Sold: 2}
		}, violated: "I2"},
		"seats not finalised, it waits in the outbox": {change: func(r *records) {
			r.journal = append(r.journal[:4:4], entry(4, r.journal[5], 4))
			r.tickets[2].Hold, r.bookings[2].Hold, r.unsent = 4, 4, []domain.BookingID{paid}
			r.messages = r.messages[:6:6]
			for i, m := range r.messages[2:4] {
				switch m := m.(type) {
				case message.SeatUpdatedToReserved:
					m.Hold = 4
					r.messages[2+i] = m
				case message.BookingUpdatedToPendingPayment:
					m.Hold = 4
					r.messages[2+i] = m
				}
			}
			r.seats = map[seating.Index]seating.Seat{0: {Status: seating.Reserved, Booking: paid, Hold: 2}, 1: {Status: seating.Reserved, Booking: paid, Hold: 2}, 2: {Status: seating.Reserved, Booking: pending, Hold: 4}}
			r.outcomes[pending] = 4
		}, gap: "I4"},
		"an outcome that was not told yet": {change: func(r *records) { r.messages = slices.Delete(r.messages, 4, 5); r.emitted = 3 }, gap: "I11"},
		"an outcome that was forgotten":    {change: func(r *records) { r.messages = slices.Delete(r.messages, 4, 5) }, violated: "I11"},
		"messages that wait":               {change: func(r *records) { r.next = 7 }, gap: "I17"},
		"messages that are not there":      {change: func(r *records) { r.next = 12 }, violated: "I17"},
	} {
		t.Run(name, func(t *testing.T) {
			r := sound()
			r.folded, r.emitted, r.stopped = int64(len(r.journal)), int64(len(r.journal)), now.Add(time.Second)
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
