package audit

import (
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// resolved is how long an attempt to pay may be open: it is given up after a
// minute, and voided soon after.
const resolved = 2 * time.Minute

// payments compares attempts, bookings and the gateway's book (I9, I13).
func (a *auditor) payments(bookings []booking.Booking, payments []booking.Payment, charges []port.Charge) {
	paid := map[string]domain.Money{}
	for _, b := range bookings {
		if total, ok := b.Total(); ok && b.Status == booking.Paid {
			paid[b.ID.String()] = total
		}
	}
	attempts := map[string]booking.Payment{}
	for _, p := range payments {
		attempts[p.ID.String()] = p
		a.attempt(p)
	}
	due := map[string]bool{} // bookings whose charge the worker had still to take
	captured := map[string]string{}
	for _, c := range charges {
		p, known := attempts[c.Payment]
		if !known && c.State != "voided" {
			a.report.violate("I13", "the book has payment %s (%s), which is no attempt", c.Payment, c.State)
			continue
		}
		if c.State != "captured" {
			due[c.Booking] = due[c.Booking] || c.State == "authorised" && p.Status == booking.CaptureDue && !a.old(p)
			if c.State == "authorised" && p.Status != booking.CaptureDue && a.old(p) {
				a.report.violate("I13", "the book holds %d %s of payment %s, which is %s", c.Amount.Amount, c.Amount.Currency, c.Payment, p.Status)
			}
			continue
		}
		total, isPaid := paid[c.Booking]
		switch {
		case c.Captures != 1:
			a.report.violate("I13", "payment %s was captured %d times", c.Payment, c.Captures)
		case captured[c.Booking] != "":
			a.report.violate("I13", "booking %s was charged by %s and by %s", c.Booking, captured[c.Booking], c.Payment)
		case !isPaid:
			a.report.violate("I13", "booking %s was charged by %s and is not paid", c.Booking, c.Payment)
		case total != c.Amount:
			a.report.violate("I13", "booking %s was charged %d %s, its total is %d %s", c.Booking, c.Amount.Amount, c.Amount.Currency, total.Amount, total.Currency)
		}
		captured[c.Booking] = c.Payment
	}
	for id := range paid {
		if captured[id] == "" && !a.spare("I13", due[id]) {
			a.report.violate("I13", "booking %s is paid and was not charged", id)
		}
	}
}

func (a *auditor) attempt(p booking.Payment) {
	switch p.Status {
	case booking.Captured, booking.Voided, booking.Declined:
		return
	case booking.Started, booking.Authorised:
		if !a.old(p) {
			return
		}
	}
	if a.spare("I9", !a.old(p)) {
		return
	}
	a.report.violate("I9", "payment %s of booking %s is %s since %s", p.ID, p.BookingID, p.Status, p.StartedAt.UTC().Format(time.RFC3339))
}

func (a *auditor) old(p booking.Payment) bool { return a.over(p.StartedAt, resolved) }
