package booking_test

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/booking"
)

// An attempt that led to nothing is given up when it is old, and not before.
func TestGiveUp(t *testing.T) {
	started := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	for _, status := range booking.PaymentStatuses {
		open := status == booking.Started || status == booking.Authorised
		for age, old := range map[time.Duration]bool{booking.GiveUpAfter - time.Microsecond: false, booking.GiveUpAfter: true} {
			p := booking.Payment{Status: status, StartedAt: started}

			after, given := p.GiveUp(started.Add(age))

			want := status
			if open && old {
				want = booking.VoidDue
			}
			if given != (open && old) || after.Status != want {
				t.Errorf("%s, %s old: %v, %s", status, age, given, after.Status)
			}
		}
	}
}
