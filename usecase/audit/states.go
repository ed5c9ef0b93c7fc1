package audit

import (
	"fmt"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
)

const (
	scanLimit   = 10 * time.Second // expiry scans once a second; the rest is for load
	resendBound = 10 * time.Minute // twice the longest interval between two sends
)

// state checks the row of a booking without looking anywhere else (I3, I7, I8,
// I9, I11).
func (a *auditor) state(b *booking.Booking) {
	if why := impossible(b); why != "" {
		a.report.violate("I3", "booking %s is %s and %s", b.ID, b.Status, why)
	}
	if why := notAsked(b); why != "" {
		a.report.violate("I11", "booking %s asked for %s", b.ID, why)
	}
	a.window(b)
	if b.Status == booking.PendingPayment && a.over(b.ExpiresAt, scanLimit) {
		a.report.violate("I7", "booking %s is pending, its window ended at %s", b.ID, b.ExpiresAt.Format(time.RFC3339))
	}
	if b.Status != booking.Processing {
		return
	}
	late := a.over(b.CreatedAt, resendBound)
	if late {
		a.report.violate("I8", "booking %s is PROCESSING since %s", b.ID, b.CreatedAt.Format(time.RFC3339))
	}
	if !a.spare("I9", !late) {
		a.report.violate("I9", "booking %s of event %d has no answer since %s", b.ID, b.EventID, b.CreatedAt.Format(time.RFC3339))
	}
}

// shape is which fields of a booking are set.
type shape struct {
	seats, window, paid, failure bool
	cancellation                 booking.CancellationReason
	revision                     int64
}

// shapes are those that the transitions of a booking can lead to.
var shapes = map[booking.Status][]shape{
	booking.Processing:     {{revision: 1}},
	booking.PendingPayment: {{seats: true, window: true, revision: 2}},
	booking.Paid:           {{seats: true, window: true, paid: true, revision: 3}},
	booking.Failed:         {{failure: true, revision: 2}},
	booking.Cancelled: {{cancellation: booking.ByBuyer, revision: 2},
		{seats: true, window: true, cancellation: booking.ByBuyer, revision: 3},
		{seats: true, window: true, cancellation: booking.Expired, revision: 3}},
}

// impossible returns what no allowed transition leads to, or "".
func impossible(b *booking.Booking) string {
	is := shape{len(b.Seats) > 0, !b.ExpiresAt.IsZero(), !b.PaidAt.IsZero(), b.Failure != "", b.Cancellation, b.Revision}
	switch {
	case !slices.Contains(shapes[b.Status], is):
		return fmt.Sprintf("has revision %d, seats %v, window %v, paid %v, failure %q, cancellation %q", b.Revision, is.seats, is.window, is.paid, b.Failure, b.Cancellation)
	case is.paid && !b.PaidAt.Before(b.ExpiresAt):
		return "was paid after its window"
	}
	return ""
}

// notAsked compares the seats that a booking was given with its request. It
// returns the difference, or "".
func notAsked(b *booking.Booking) string {
	switch n := len(b.Seats); {
	case n == 0:
		return ""
	case n > b.Quantity:
		return fmt.Sprintf("%d seats and was given %d", b.Quantity, n)
	case n < b.Quantity && !b.AllowPartial:
		return fmt.Sprintf("%d seats or none and was given %d", b.Quantity, n)
	}
	for _, seat := range b.Seats {
		switch {
		case seat.Section != b.Section:
			return fmt.Sprintf("section %s and was given %s", b.Section, seat)
		case b.Subsection != 0 && seat.Subsection != b.Subsection:
			return fmt.Sprintf("subsection %d of section %s and was given %s", b.Subsection, b.Section, seat)
		case b.Mode == message.Manual && !slices.ContainsFunc(b.Positions, func(p domain.SeatPosition) bool { return p.Row == seat.Row && p.Seat == seat.Seat }):
			return fmt.Sprintf("the seats %v by hand and was given %s", b.Positions, seat)
		}
	}
	return ""
}

// window checks the length of a payment window: its end must be what it was made
// from. Rows of an earlier version recorded the end alone.
func (a *auditor) window(b *booking.Booking) {
	switch {
	case b.ExpiresAt.IsZero():
	case b.Window == booking.Window{}:
		a.windows++
	case b.Window.Length <= 0 || !b.Window.End().Equal(b.ExpiresAt):
		a.report.violate("I7", "booking %s has a payment window of %s from %s, and it ends at %s", b.ID, b.Window.Length, stamp(b.Window.Opened), stamp(b.ExpiresAt))
	}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
