package booking_test

import (
	"os"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// The tests run on a machine that is not in UTC, as those of buyers' towns are.
func TestMain(m *testing.M) {
	time.Local = time.FixedZone("elsewhere", 8*60*60)
	os.Exit(m.Run())
}

func TestTimesAreUTC(t *testing.T) {
	s := open(t)
	payments := store.Payments{Store: s}
	accept(t, s, 1)
	_, err := s.Positions(t.Context(), []port.Input{input})
	check(t, err)
	times := map[string]time.Time{}
	check(t, s.Apply(t.Context(), move(0, 1), []domain.BookingID{id(1)}, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		times["now"], times["created_at"] = now, found[id(1)].CreatedAt
		b, _ := found[id(1)].HoldSeats([]domain.SeatID{{Section: "A", Subsection: 2, Row: 1, Seat: 2}}, 12, now.Add(time.Hour))
		return port.BookingChanges{Bookings: []booking.Booking{b}}
	}))
	p, err := payments.Start(t.Context(), id(1), func(b booking.Booking, now time.Time) (booking.Payment, error) {
		times["now of a payment"] = now
		return b.StartPayment(booking.PaymentID{15: 1}, b.BuyerID, now)
	})
	check(t, err)
	_, err = payments.Move(t.Context(), p.ID, booking.Started, booking.Authorised)
	check(t, err)

	paid, err := conclude(t.Context(), s, p.ID)

	check(t, err)
	read, err := s.Booking(t.Context(), id(1))
	check(t, err)
	attempts, err := s.AllPayments(t.Context())
	check(t, err)
	times["paid_at"], times["expires_at"], times["paid_at, read"], times["started_at"] = paid.PaidAt, paid.ExpiresAt, read.PaidAt, attempts[0].StartedAt
	for what, at := range times {
		if at.Location() != time.UTC {
			t.Errorf("%s is %s", what, at)
		}
	}
	if !paid.PaidAt.Equal(read.PaidAt) {
		t.Errorf("paid at %s, and at %s as it is read", paid.PaidAt, read.PaidAt)
	}
}
