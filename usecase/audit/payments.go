package audit

import (
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// resolved is how long an attempt to pay may be open. It is given up after a
// minute and voided soon after.
const resolved = 2 * time.Minute

// nothing is the state of a payment that the gateway's book does not have.
const nothing = ""

// inBook lists, for each state of an attempt, what the gateway's book may say
// about it. A row changes before or after the book does, and a crash may come
// between the two, so most states allow several.
var inBook = map[booking.PaymentStatus][]string{
	booking.Started:    {nothing, "authorised", "declined"},           // the gateway's answer is not stored yet
	booking.Authorised: {"authorised"},                                //
	booking.CaptureDue: {"authorised", "captured"},                    // the capture is not stored yet
	booking.Captured:   {"captured"},                                  //
	booking.Declined:   {"declined"},                                  //
	booking.VoidDue:    {nothing, "authorised", "declined", "voided"}, // given up after any answer
	booking.Voided:     {"voided", "declined"},                        // a declined card needs no void
}

// payments compares attempts, bookings and the gateway's book (I9, I13).
func (a *auditor) payments(bookings []booking.Booking, payments []booking.Payment, charges []port.Charge) {
	book := make(map[string]port.Charge, len(charges))
	for _, c := range charges {
		book[c.Payment] = c
	}
	charged := map[domain.BookingID]booking.Payment{}
	for _, p := range payments {
		id := p.ID.String()
		c := book[id]
		delete(book, id)
		a.attempt(p, c)
		if p.Status != booking.CaptureDue && p.Status != booking.Captured {
			continue
		}
		if first, twice := charged[p.BookingID]; twice {
			a.report.violate("I13", "booking %s was charged by payments %s and %s", p.BookingID, first.ID, id)
		}
		charged[p.BookingID] = p
		if c.State != "captured" && !a.spare("I13", !a.old(p)) {
			a.report.violate("I13", "booking %s is to be charged by payment %s and was not", p.BookingID, id)
		}
	}
	for id, c := range book {
		a.report.violate("I13", "the book has payment %s (%s), which is no attempt", id, c.State)
	}
	for i := range bookings {
		b := &bookings[i]
		_, is := charged[b.ID]
		switch paid := b.Status == booking.Paid; {
		case paid && !is:
			a.report.violate("I13", "booking %s is paid and was not charged", b.ID)
		case is && !paid:
			a.report.violate("I13", "booking %s is %s and was charged by payment %s", b.ID, b.Status, charged[b.ID].ID)
		}
	}
}

// attempt compares one attempt with its booking and with the book's entry, which
// is zero if there is none.
func (a *auditor) attempt(p booking.Payment, c port.Charge) {
	if b := a.known[p.BookingID]; b == nil {
		a.report.violate("I13", "payment %s is of no booking", p.ID)
	} else if total, _ := b.Total(); p.Amount != total {
		a.report.violate("I13", "payment %s is over %s, the total of booking %s is %s", p.ID, amount(p.Amount), p.BookingID, amount(total))
	}
	if !slices.Contains(inBook[p.Status], c.State) {
		a.report.violate("I13", "payment %s of booking %s is %s, the book says %q", p.ID, p.BookingID, p.Status, c.State)
	}
	// A payment that was voided before it was authorised has no amount in the book.
	known := c.Booking != "" || c.Amount != domain.Money{} || c.State == "authorised" || c.State == "captured"
	if known && (c.Booking != p.BookingID.String() || c.Amount != p.Amount) {
		a.report.violate("I13", "payment %s is over %s for booking %s, the book says %s for booking %s", p.ID, amount(p.Amount), p.BookingID, amount(c.Amount), c.Booking)
	}
	if want := captures(c.State); c.Captures != want {
		a.report.violate("I13", "payment %s of booking %s was captured %d times, not %d", p.ID, p.BookingID, c.Captures, want)
	}
	a.open(p)
}

func captures(state string) int {
	if state == "captured" {
		return 1
	}
	return 0
}

func amount(m domain.Money) string { return m.Decimal() + " " + string(m.Currency) }

// open reports an attempt that is not resolved in time (I9).
func (a *auditor) open(p booking.Payment) {
	switch p.Status {
	case booking.Captured, booking.Voided, booking.Declined:
		return
	case booking.Started, booking.Authorised:
		if !a.old(p) {
			return
		}
	}
	if !a.spare("I9", !a.old(p)) {
		a.report.violate("I9", "payment %s of booking %s is %s since %s", p.ID, p.BookingID, p.Status, p.StartedAt.UTC().Format(time.RFC3339))
	}
}

func (a *auditor) old(p booking.Payment) bool { return a.over(p.StartedAt, resolved) }
