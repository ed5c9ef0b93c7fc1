package audit_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

func (r *records) audit(t *testing.T) audit.Report {
	t.Helper()
	report, err := audit.Audit(t.Context(), r.sources(), func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestAuditOfASoundSale(t *testing.T) {
	r := sold(t, nil).audit(t)

	if len(r.Violations) != 0 || len(r.Gaps) != 0 {
		t.Errorf("%+v %+v", r.Violations, r.Gaps)
	}
	if r.Events != 1 || r.Bookings != 9 || r.Payments != 3 || r.Seats != 12 || r.Records != 18 {
		t.Errorf("read: %+v", r)
	}
}

// decided changes what the seat owner decides about a booking.
func decided(of domain.BookingID, change func(*journal.Record)) func(*journal.Record) {
	return func(r *journal.Record) {
		if r.BookingID == of && r.Kind != journal.SeatsSold && r.Kind != journal.SeatsReleased {
			change(r)
		}
	}
}

// wrong is a sound sale with one thing wrong: either the seat owner decides
// wrongly and everything follows from that (lie), or a record is changed
// afterwards (change).
type wrong struct {
	invariant, names string
	lie              func(*journal.Record)
	change           func(*records)
}

var found = map[string]wrong{
	// I1: the journal by itself.
	"a seat given twice": {"I1", "A-2-1-1", nil, func(r *records) {
		r.write(0, journal.Record{Kind: journal.SeatsReserved, Section: "A", BookingID: domain.BookingID{15: 99}, Seats: []seating.Index{4}})
	}},
	"a seat released for a booking that does not have it": {"I1", "A-2-1-1", nil, func(r *records) {
		r.write(0, journal.Record{Kind: journal.SeatsReleased, Section: "A", BookingID: paid, Seats: []seating.Index{4}})
	}},

	"seats given before there was a section": {"I1", "section B", nil, func(r *records) {
		log := r.journal[1]
		log[1].Record = journal.Record{Kind: journal.ReservationRefused, Seq: 1, Section: "B", BookingID: domain.BookingID{15: 99}}
	}},
	"a seat that the section does not have": {"I1", "names seats [99]", nil, func(r *records) {
		r.write(0, journal.Record{Kind: journal.SeatsReleased, Section: "A", BookingID: paid, Seats: []seating.Index{99}})
	}},

	// I2: RocksDB = journal = tickets.
	"a section that is not in the journal": {"I2", "section B is not in the journal", nil, func(r *records) { r.journal[1] = r.journal[1][:1] }},
	"a section that RocksDB does not have": {"I2", "does not have section B", nil, func(r *records) { r.stored[1].Sections = nil }},
	"a section that only RocksDB has": {"I2", "it has section X", nil, func(r *records) {
		r.stored[1].Sections = append(r.stored[1].Sections, port.StoredSection{Layout: seating.SectionLayout{Name: "X"}})
	}},
	"a seat that RocksDB has free":           {"I2", "A-2-1-1", nil, func(r *records) { r.storedSeat("A", 4).Seat = seating.Seat{} }},
	"a seat of another buyer in RocksDB":     {"I2", "A-2-1-1", nil, func(r *records) { r.storedSeat("A", 4).Seat.Buyer = 1 }},
	"a seat of another time in RocksDB":      {"I2", "A-2-1-1", nil, func(r *records) { r.storedSeat("A", 4).Seat.At++ }},
	"a hold that RocksDB forgot":             {"I2", "B-1-1-1", nil, func(r *records) { r.storedSeat("B", 0).Seat.Hold = 0 }},
	"a seat in RocksDB that no layout has":   {"I2", "section A seat 99", nil, func(r *records) { r.storedSeat("A", 4).Index = 99 }},
	"a section in RocksDB that nobody knows": {"I2", "section X", nil, func(r *records) { r.storedSeat("A", 4).Section = "X" }},
	"another layout in RocksDB": {"I2", "section A", nil, func(r *records) {
		r.stored[0].Sections[0].Layout.Subsections = []seating.Subsection{seating.Regular(1, 1, 8)}
	}},
	"another hold base in RocksDB":       {"I2", "section A", nil, func(r *records) { r.stored[0].Sections[0].HoldBase = 5 }},
	"RocksDB ahead of the journal":       {"I2", "partition 0", nil, func(r *records) { r.stored[0].Fold.Next += 5 }},
	"RocksDB in another epoch":           {"I2", "partition 0", nil, func(r *records) { r.stored[0].Fold.Epoch++ }},
	"RocksDB folded from another record": {"I2", "partition 0", nil, func(r *records) { r.stored[0].LastRecord.Seq++ }},
	"RocksDB of another journal":         {"I2", "journal-0", nil, func(r *records) { r.stored[0].JournalTopicID = "journal-0" }},
	"an outcome that RocksDB forgot":     {"I2", few.String(), nil, func(r *records) { r.outcomes = without(r.outcomes, func(o outcome) bool { return o.BookingID == few }) }},
	"an outcome in RocksDB that is not there": {"I2", domain.BookingID{15: 99}.String(), nil, func(r *records) {
		r.outcomes = append(r.outcomes, outcome{0, port.Outcome{BookingID: domain.BookingID{15: 99}}})
	}},
	"an outcome beyond the offset of RocksDB": {"I2", "beyond what RocksDB of server 1 has read", nil, func(r *records) { r.outcome(last).Offset = r.stored[1].Fold.Next }},
	"an outcome of another partition":         {"I2", paid.String(), nil, func(r *records) { r.outcome(paid).partition = 1 }},
	"an outcome with other seats":             {"I2", paid.String(), nil, func(r *records) { r.outcome(paid).Seats = []seating.Index{2, 3} }},
	"an outcome of another buyer":             {"I2", paid.String(), nil, func(r *records) { r.outcome(paid).BuyerID = 1 }},
	"an outcome for another price":            {"I2", paid.String(), nil, func(r *records) { r.outcome(paid).UnitPrice.Amount = 1 }},
	"an outcome with another reason":          {"I2", few.String(), nil, func(r *records) { r.outcome(few).Reason = "sold_out" }},
	"a ticket that is another booking's":      {"I2", "A-2-1-1", nil, func(r *records) { r.ticket(seat("A", 2, 1)).BookingID = paid }},
	"a ticket of a seat that no journal has":  {"I2", "A-2-1-9", nil, func(r *records) { r.ticket(seat("A", 2, 4)).Seat.Seat = 9 }},
	"a layout that the catalogue does not have": {"I2", "section B", nil, func(r *records) {
		r.journal[1][1].Record.Layout = &seating.SectionLayout{Name: "B", Subsections: []seating.Subsection{seating.Regular(1, 1, 5)}}
	}},

	// I3: each booking by itself.
	"a paid booking that skipped a state":     {"I3", paid.String(), nil, func(r *records) { r.booking(paid).Revision = 2 }},
	"a failed booking with seats":             {"I3", few.String(), nil, func(r *records) { r.booking(few).Seats = []domain.SeatID{seat("A", 1, 3)} }},
	"a booking paid too late":                 {"I3", paid.String(), nil, func(r *records) { r.booking(paid).PaidAt = r.booking(paid).ExpiresAt }},
	"a booking that expired without a window": {"I3", withdrawn.String(), nil, func(r *records) { r.booking(withdrawn).Cancellation = booking.Expired }},
	"a booking cancelled by nobody":           {"I3", expired.String(), nil, func(r *records) { r.booking(expired).Cancellation = "by_seller" }},
	"a booking in another currency":           {"I3", last.String(), nil, func(r *records) { r.booking(last).UnitPrice.Currency = "USD" }},

	// I4: paid bookings.
	"a paid booking with one ticket":   {"I4", paid.String(), nil, func(r *records) { *r.ticket(seat("A", 1, 1)) = ticketing.Ticket{Seat: seat("A", 1, 1)} }},
	"a paid booking not finalised":     {"I4", paid.String(), nil, func(r *records) { r.unfinalised() }},
	"a ticket that was sold for less":  {"I4", "A-1-1-2", nil, func(r *records) { r.ticket(seat("A", 1, 2)).Price-- }},
	"all or nothing, and granted less": {"I11", strict.String() + " asked for", decided(strict, func(r *journal.Record) { r.Seats = r.Seats[:1] }), nil},
	"more seats than were asked for":   {"I11", expired.String() + " asked for", decided(expired, func(r *journal.Record) { r.Seats = []seating.Index{0, 1, 2} }), nil},

	// I5: cancelled and failed bookings.
	"a cancelled booking with a seat": {"I5", last.String(), nil, func(r *records) {
		b := r.booking(last)
		b.Status, b.Cancellation, b.Revision = booking.Cancelled, booking.Expired, 3
	}},
	"tickets of nobody": {"I5", last.String(), nil, func(r *records) { r.withoutBooking(last) }},

	// I6, I7, I8: states and times.
	"a paid booking that is not any more": {"I6", paid.String(), nil, func(r *records) { r.booking(paid).Status = booking.Cancelled }},
	"a booking given back that lives": {"I6", last.String(), nil, func(r *records) {
		edit(r, expired, func(m *message.BookingExpiredReleaseTickets) { m.BookingID = last })
	}},
	"a booking that expired too early": {"I7", expired.String(), nil, func(r *records) {
		r.booking(expired).ExpiresAt = r.booking(expired).ExpiresAt.Add(time.Second)
		r.booking(expired).Window.Length += time.Second
	}},
	"a booking past its window":                {"I7", last.String(), nil, func(r *records) { r.now = r.booking(last).ExpiresAt.Add(time.Minute) }},
	"a payment window that ends too early":     {"I7", last.String(), nil, func(r *records) { r.booking(last).ExpiresAt = r.booking(last).ExpiresAt.Add(-time.Second) }},
	"a payment window that ends too late":      {"I7", paid.String(), nil, func(r *records) { r.booking(paid).ExpiresAt = r.booking(paid).ExpiresAt.Add(time.Second) }},
	"a payment window that was never recorded": {"I7", last.String(), nil, func(r *records) { r.booking(last).Window.Length = 0 }},
	"a request that is never answered": {"I8", last.String(), nil, func(r *records) {
		*r.booking(last) = r.booking(last).AsAccepted()
		r.now = r.now.Add(time.Hour)
	}},

	// I9: nothing is lost, nothing is open.
	"a booking without an answer":      {"I9", last.String(), nil, func(r *records) { *r.booking(last) = r.booking(last).AsAccepted() }},
	"the row of a failed booking gone": {"I9", few.String(), nil, func(r *records) { r.withoutBooking(few) }},
	"the row of an expired booking gone": {"I9", expired.String(), nil, func(r *records) {
		r.withoutBooking(expired)
		r.payments, r.charges = r.payments[:2], r.charges[:2]
	}},
	"the row of a withdrawn booking gone": {"I9", withdrawn.String(), nil, func(r *records) { r.withoutBooking(withdrawn) }},
	"a row and a request gone, and decided": {"I9", soldOut.String(), nil, func(r *records) {
		r.withoutBooking(soldOut)
		r.topics[message.TicketReserving] = without(r.topics[message.TicketReserving], func(d port.Delivery) bool { return d.Input.Partition == 1 && d.Offset <= 2 })
	}},
	"a payment that hangs": {"I9", booking.PaymentID{0: 9, 15: 1}.String(), nil, func(r *records) {
		p, c := r.attempt(paid)
		p.Status, c.State, c.Captures = booking.CaptureDue, "authorised", 0
	}},

	"bookings of no event": {"I9", "event 2", nil, func(r *records) { r.booking(soldOut).EventID = 2 }},

	// I10: counts and revenue.
	"a count that is wrong":         {"I10", "section A", nil, func(r *records) { r.counts[0].Sold++ }},
	"a ticket that is missing":      {"I10", "section A", nil, func(r *records) { r.tickets = r.tickets[1:] }},
	"revenue that nobody paid":      {"I10", "section A", nil, func(r *records) { r.revenue[0]++ }},
	"revenue of another section":    {"I10", "section B", nil, func(r *records) { r.revenue[0], r.revenue[1] = r.revenue[1], r.revenue[0] }},
	"a sale told of another minute": {"I10", "12:05", nil, func(r *records) { r.minutes[0].At = opening.Add(5 * time.Minute) }},
	"fewer tickets in a minute":     {"I10", "12:00", nil, func(r *records) { r.minutes[0].Sold-- }},
	"less revenue in a minute":      {"I10", "12:00", nil, func(r *records) { r.minutes[0].Revenue-- }},
	"a minute that is not told":     {"I10", "12:00", nil, func(r *records) { r.minutes = nil }},

	// I11: one outcome per request, by the rules, told as it is.
	"a booking that was never decided": {"I11", soldOut.String() + " is failed and was never decided", nil, func(r *records) {
		r.journal[1] = without(r.journal[1], func(e journal.Entry) bool { return e.Record.BookingID == soldOut })
	}},
	"a message about a booking that was never decided": {"I11", domain.BookingID{15: 99}.String() + ", which was never decided", nil, func(r *records) {
		edit(r, few, func(m *message.BookingUpdatedToFailed) { m.BookingID = domain.BookingID{15: 99} })
	}},
	"a decision about a request that cannot be read": {"I11", few.String() + " was decided at 0:7 as ReservationRefused, but its request cannot be read", nil, func(r *records) { r.poison(few) }},
	"a request under two ids": {"I11", "was sent as", nil, func(r *records) {
		again := r.topics[message.TicketReserving][0]
		again.Envelope.ID, again.Offset = "another", 6
		r.topics[message.TicketReserving] = append(r.topics[message.TicketReserving], again)
	}},
	"a request decided twice":         {"I11", few.String(), nil, func(r *records) { r.write(0, journal.Record{Kind: journal.ReservationRefused, BookingID: few}) }},
	"an outcome that was never told":  {"I11", few.String(), nil, func(r *records) { r.withoutMessage(message.BookingToFailed, few) }},
	"a booking with seats of its own": {"I11", last.String(), nil, func(r *records) { r.booking(last).Seats = []domain.SeatID{seat("A", 1, 4)} }},
	"a decision on another section's partition": {"I11", "partition 1", nil, func(r *records) {
		r.write(1, journal.Record{Kind: journal.ReservationRefused, Section: "A", BookingID: domain.BookingID{15: 99}})
	}},
	"a decision that nobody asked for": {"I11", few.String(), nil, func(r *records) {
		edit(r, few, func(m *message.TicketReservedRequest) { m.BookingID = domain.BookingID{15: 99} })
	}},
	"refused as sold out while seats were free": {"I11", last.String(), decided(last, refuse("sold_out")), nil},
	"refused as too few while enough were free": {"I11", strict.String(), decided(strict, refuse("not_enough_seats")), nil},
	"refused as taken while it was free":        {"I11", manual.String(), decided(manual, refuse("seats_taken")), nil},
	"refused for another reason":                {"I11", taken.String(), decided(taken, refuse("sold_out")), nil},
	"seats that the strategy does not choose":   {"I11", paid.String(), decided(paid, func(r *journal.Record) { r.Seats = []seating.Index{2, 3} }), nil},
	"fewer seats than there were":               {"I11", last.String(), decided(last, func(r *journal.Record) { r.Seats = r.Seats[:3] }), nil},
	"rejected although it could be processed": {"I11", last.String(), decided(last, func(r *journal.Record) {
		*r = journal.Reject(r.Cause, r.BookingID, r.Section, journal.NotInitialized, r.At)
	}), nil},
	"by hand, and given other seats":        {"I11", manual.String() + " asked for", decided(manual, func(r *journal.Record) { r.Seats = []seating.Index{6, 7} }), nil},
	"by hand, and given another subsection": {"I11", manual.String() + " asked for", decided(manual, func(r *journal.Record) { r.Seats = []seating.Index{2, 3} }), nil},
	"best available of another subsection":  {"I11", strict.String() + " asked for", decided(strict, func(r *journal.Record) { r.Seats = []seating.Index{2, 3} }), nil},
	"another reason than the journal's":     {"I11", few.String(), nil, func(r *records) { r.booking(few).Failure = "sold_out" }},
	"failed, and the journal gave it seats": {"I11", last.String(), nil, func(r *records) {
		*r.booking(last) = r.booking(last).AsAccepted()
		*r.booking(last), _ = r.booking(last).Fail("sold_out")
	}},
	"another buyer in the journal":    {"I11", paid.String(), decided(paid, func(r *journal.Record) { r.BuyerID = 1 }), nil},
	"another price in the journal":    {"I11", last.String(), decided(last, func(r *journal.Record) { r.UnitPrice.Amount = 1 }), nil},
	"another currency in the journal": {"I11", last.String(), decided(last, func(r *journal.Record) { r.UnitPrice.Currency = "USD" }), nil},
	"another buyer of a refusal":      {"I11", few.String(), decided(few, func(r *journal.Record) { r.BuyerID = 1 }), nil},

	// I13: attempts, bookings and the gateway's book.
	"a booking charged twice": {"I13", paid.String(), nil, func(r *records) {
		p, c := r.attempt(paid)
		second, charge := *p, *c
		second.ID = booking.PaymentID{15: 8}
		charge.Payment = second.ID.String()
		r.payments, r.charges = append(r.payments, second), append(r.charges, charge)
	}},
	"a charge for what is not paid":        {"I13", last.String(), nil, func(r *records) { _, c := r.attempt(paid); c.Booking = last.String() }},
	"a charge of another amount":           {"I13", paid.String(), nil, func(r *records) { _, c := r.attempt(paid); c.Amount = price }},
	"a charge in another currency":         {"I13", paid.String(), nil, func(r *records) { _, c := r.attempt(paid); c.Amount.Currency = "USD" }},
	"a charge captured twice":              {"I13", "captured 2 times", nil, func(r *records) { _, c := r.attempt(paid); c.Captures = 2 }},
	"a charge of no attempt":               {"I13", "77", nil, func(r *records) { r.charges = append(r.charges, port.Charge{Payment: "77", State: "voided"}) }},
	"a paid booking not charged":           {"I13", paid.String(), nil, func(r *records) { r.charges = r.charges[1:] }},
	"a paid booking without an attempt":    {"I13", paid.String(), nil, func(r *records) { r.payments, r.charges = r.payments[1:], r.charges[1:] }},
	"an attempt of another amount":         {"I13", paid.String(), nil, func(r *records) { p, _ := r.attempt(paid); p.Amount = price }},
	"an attempt of no booking":             {"I13", "no booking", nil, func(r *records) { p, _ := r.attempt(manual); p.BookingID = domain.BookingID{15: 99} }},
	"a declined attempt of another amount": {"I13", manual.String(), nil, func(r *records) { _, c := r.attempt(manual); c.Amount.Amount++ }},
	"a captured attempt of a pending booking": {"I13", manual.String(), nil, func(r *records) {
		p, c := r.attempt(manual)
		p.Status, c.State, c.Captures = booking.Captured, "captured", 1
	}},

	// I12, I14 to I17.
	"a key with two bookings":       {"I12", "1 idempotency keys", nil, func(r *records) { r.keys = 1 }},
	"a dead letter":                 {"I14", "1 dead letters", nil, func(r *records) { r.letters = 1 }},
	"a map that shows less":         {"I15", "A-2-1-1", nil, func(r *records) { delete(r.shown, seat("A", 2, 1)) }},
	"a map that shows more":         {"I15", "A-1-1-4", nil, func(r *records) { r.shown[seat("A", 1, 4)] = "reserved" }},
	"goroutines of nobody":          {"I16", "booking-service", nil, func(r *records) { r.process.OpenStreams = 0 }},
	"files of nobody":               {"I16", "booking-service", nil, func(r *records) { r.process.Files = 5000 }},
	"a message that is not applied": {"I17", "booking-service is at", nil, func(r *records) { r.bookingNext[place(message.BookingToFailed, 1)]-- }},
	"a command that is not applied": {"I17", "seat-reservation-service is at", nil, func(r *records) {
		r.topics[message.TicketReserving] = append(r.topics[message.TicketReserving], port.Delivery{Input: input(message.TicketReserving, 5), Poison: errDamaged})
	}},
}

func place(a message.Action, p domain.Partition) port.InputPlace {
	return port.InputPlace{TopicID: a.String(), Partition: p}
}

func refuse(reason string) func(*journal.Record) {
	return func(r *journal.Record) { r.Kind, r.Reason, r.Seats = journal.ReservationRefused, reason, nil }
}

func TestAuditFinds(t *testing.T) { mustFind(t, found) }

func mustFind(t *testing.T, cases map[string]wrong) {
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := sold(t, c.lie)
			if c.change != nil {
				c.change(r)
			}

			report := r.audit(t)

			for _, v := range report.Of(c.invariant) {
				if strings.Contains(v.Detail, c.names) {
					return
				}
			}
			t.Errorf("%s does not name %s: %v", c.invariant, c.names, report.Violations)
		})
	}
}

// Every pair of what an attempt is and what the book says: those that a crash can
// leave behind are sound, the others are found.
func TestAuditOfEveryPairOfAttemptAndBook(t *testing.T) {
	const none = ""
	sound := map[booking.PaymentStatus][]string{
		booking.Started:    {none, "authorised", "declined"},
		booking.Authorised: {"authorised"},
		booking.CaptureDue: {"authorised", "captured"},
		booking.Captured:   {"captured"},
		booking.Declined:   {"declined"},
		booking.VoidDue:    {none, "authorised", "declined", "voided"},
		booking.Voided:     {"declined", "voided"},
	}
	for _, status := range booking.PaymentStatuses {
		for _, state := range []string{none, "authorised", "declined", "captured", "voided"} {
			t.Run(string(status)+" and "+state, func(t *testing.T) {
				r := sold(t, nil)
				of := manual
				if status == booking.CaptureDue || status == booking.Captured {
					of = paid
				}
				p, c := r.attempt(of)
				p.Status, c.State, c.Captures = status, state, 0
				if state == "captured" {
					c.Captures = 1
				}
				id := c.Payment
				if state == none {
					r.charges = without(r.charges, func(c port.Charge) bool { return c.Payment == id })
				}

				named := slices.ContainsFunc(r.audit(t).Of("I13"), func(v audit.Violation) bool {
					return strings.Contains(v.Detail, id) && strings.Contains(v.Detail, "the book")
				})

				if want := !slices.Contains(sound[status], state); named != want {
					t.Errorf("found: %v, want %v", named, want)
				}
			})
		}
	}
}

// What looks odd and is sound.
func TestAuditFindsNothingIn(t *testing.T) {
	for name, change := range map[string]func(*records){
		"a record that the fold skips": func(r *records) {
			r.write(0, journal.Record{Kind: journal.SeatsReserved, Section: "A", BookingID: domain.BookingID{15: 99}, Seats: []seating.Index{2}, Epoch: 99})
			r.stored[0].Fold.Next++
			r.stored[0].LastRecord = port.IdentityOf(r.journal[0][len(r.journal[0])-1].Record)
		},
		"the void of a payment that the gateway did not know": func(r *records) {
			_, c := r.attempt(expired)
			c.Booking, c.Amount = "", domain.Money{}
		},
		"a message that was sent twice": func(r *records) {
			again := r.topics[message.TicketToReserved][0]
			again.Offset = 4
			r.topics[message.TicketToReserved] = append(r.topics[message.TicketToReserved], again)
			r.ticketNext[place(message.TicketToReserved, 0)]++
		},
		"a copy of a request on a foreign partition": func(r *records) {
			d := r.topics[message.TicketReserving][0]
			d.Input.Partition, d.Envelope.ID = 1, "copy"
			d.Offset = 3
			r.topics[message.TicketReserving] = append(r.topics[message.TicketReserving], d)
			r.stored[1].Positions[message.TicketReserving] = journal.Position{TopicID: message.TicketReserving.String(), Next: 4}
			last := &r.journal[1][len(r.journal[1])-1].Record
			last.Positions[message.TicketReserving] = r.stored[1].Positions[message.TicketReserving]
		},
		"a request that cannot be read, and its booking failed": func(r *records) {
			r.poison(few)
			reason := journal.NotReadable + ": no JSON"
			for i, e := range r.journal[0] {
				if e.Record.BookingID == few {
					r.journal[0][i].Record = journal.Reject(e.Record.Cause, few, "A", reason, e.Record.At)
					r.journal[0][i].Record.Epoch, r.journal[0][i].Record.Seq = e.Record.Epoch, e.Record.Seq
				}
			}
			r.booking(few).Failure = "not_processable"
			edit(r, few, func(m *message.BookingUpdatedToFailed) { m.Reason = "not_processable" })
			o := r.outcome(few)
			o.BuyerID, o.UnitPrice, o.Reason = 0, domain.Money{}, "not_processable"
		},
		"a minute that is told in two parts": func(r *records) {
			half := r.minutes[0]
			half.Sold, half.Revenue = 1, price.Amount
			r.minutes = []ticketing.Interval{half, half}
		},
	} {
		t.Run(name, func(t *testing.T) {
			r := sold(t, nil)
			change(r)
			if report := r.audit(t); len(report.Violations) != 0 {
				t.Errorf("%v", report.Violations)
			}
		})
	}
}

// What cannot be judged is said.
func TestAuditSaysWhatItCannotJudge(t *testing.T) {
	t.Run("windows of an earlier version", func(t *testing.T) {
		r := sold(t, nil)
		r.booking(last).Window = booking.Window{}

		report := r.audit(t)

		if gap, ok := report.Gap("I7"); !ok || !strings.Contains(gap.Why, "1 payment window") || len(report.Violations) > 0 {
			t.Errorf("%+v %+v", gap, report.Violations)
		}
	})
	t.Run("requests that the broker has no more: the row tells what was asked for", func(t *testing.T) {
		r := sold(t, decided(last, refuse("sold_out")))
		r.topics[message.TicketReserving] = without(r.topics[message.TicketReserving], func(d port.Delivery) bool { return d.Input.Partition == 1 && d.Offset < 2 })

		report := r.audit(t)

		if !slices.ContainsFunc(report.Of("I11"), func(v audit.Violation) bool { return strings.Contains(v.Detail, last.String()) }) {
			t.Errorf("%+v", report.Violations)
		}
		if gap, ok := report.Gap("I9"); !ok || !strings.Contains(gap.Why, "2 requests") {
			t.Errorf("%+v", gap)
		}
	})
}

// What cannot be read ends the audit: half an audit proves nothing.
func TestAuditFailsWithItsSources(t *testing.T) {
	for _, source := range []string{"AllBookings", "AllPayments", "Charges", "EventIDs", "Unsent", "Event", "Ends", "Messages", "Journal", "NextOffsets",
		"AllTickets", "Revenue", "Load", "Outcomes", "live", "KeysUsedTwice", "DeadLetters"} {
		t.Run(source, func(t *testing.T) {
			r := sold(t, nil)
			r.stopped = source == "Unsent" // of a running one nobody asks
			r.failing = source

			_, err := audit.Audit(t.Context(), r.sources(), func(int, int) {})

			if !errors.Is(err, errAway) {
				t.Errorf("%v", err)
			}
		})
	}
}
