package booking_test

import (
	"context"
	"encoding/binary"
	"sync"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// Bookings that become PENDING_PAYMENT per second, a hundred in a step, while the
// table grows.
func BenchmarkApply(b *testing.B) {
	const group = 100
	s, err := store.Open(b.Context(), teststores.Postgres(b))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.Close)
	made := 0
	accepted := func() []domain.BookingID {
		ids := make([]domain.BookingID, group)
		var all sync.WaitGroup
		for i := range ids {
			made++
			binary.BigEndian.PutUint64(ids[i][8:], uint64(made))
			all.Go(func() {
				req := request(0)
				req.ID = ids[i]
				if _, err := s.Accept(context.Background(), req, port.IdempotencyKey{}); err != nil {
					b.Error(err)
				}
			})
		}
		all.Wait()
		return ids
	}
	var took time.Duration
	for b.Loop() {
		ids := accepted()
		began := time.Now()
		err := s.Apply(b.Context(), nil, ids, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
			var c port.BookingChanges
			for _, id := range ids {
				held := found[id]
				held.Status, held.Hold, held.Revision, held.ExpiresAt = booking.PendingPayment, 1, held.Revision+1, now.Add(time.Hour)
				held.Seats = []domain.SeatID{{Section: "A", Subsection: 1, Row: 1, Seat: 1}, {Section: "A", Subsection: 1, Row: 1, Seat: 2}}
				held.Window = booking.Window{Opened: now, Length: time.Hour}
				c.Bookings = append(c.Bookings, held)
			}
			return c
		})
		if err != nil {
			b.Fatal(err)
		}
		took += time.Since(began)
	}
	b.ReportMetric(float64(took.Microseconds())/float64(b.N*group), "µs/booking")
}
