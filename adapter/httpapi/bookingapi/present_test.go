package bookingapi

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain/booking"
)

type clockAt time.Time

func (c clockAt) Now() time.Time { return time.Time(c) }

// Pages count down to expires_at from server_time. Both are of one clock, the
// store's, whatever this machine's says.
func TestServerTimeIsTheStores(t *testing.T) {
	at := time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC)
	if b := current(booking.Booking{ExpiresAt: at.Add(time.Minute)}, clockAt(at)); b.ServerTime == nil || !b.ServerTime.Equal(at) {
		t.Errorf("server_time is %v", b.ServerTime)
	}
}
