package booking_test

import (
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/domain/booking"
)

// 10,000 payments are concluded within 5 ms of their deadline, before or after it,
// while bookings expire all the time. Exactly one side wins each, and the payment
// that loses is voided.
func TestF14_PaymentsAtTheDeadline(t *testing.T) {
	s := open(t)
	const payments, trials = 10_000, 500
	ctx := t.Context()
	const lead = -4 * time.Millisecond // the time a payment needs to reach the database
	_, err := s.Batches.Exec(ctx, `INSERT INTO bookings (id, event_id, buyer_id, section, subsection, mode, positions, quantity, allow_partial, unit_price, currency,
			status, seats, hold, failure, cancellation, created_at, expires_at, revision, resend_at)
		SELECT lpad(to_hex(i), 32, '0')::uuid, 7, 42, 'A', 0, 'best_available', '{}', 1, true, 100, 'EUR', 'pending_payment', '{A-1-1-1}', i + 1, '', '', now(),
			now() + interval '1 hour', 2, now() FROM generate_series(0, $1 - 1) i`, payments+trials)
	check(t, err)
	_, err = s.Batches.Exec(ctx, `INSERT INTO payments (id, booking_id, amount, currency, status) SELECT id, id, 100, 'EUR', 'authorised' FROM bookings`)
	check(t, err)

	won := make([]bool, payments+trials)
	concludeAll := func(send func(chan<- int)) {
		next := make(chan int)
		var payers sync.WaitGroup
		for range 64 {
			payers.Go(func() {
				for n := range next {
					_, err := conclude(ctx, s, paymentID(n))
					won[n] = err == nil
					if r := refusalCode(err); err != nil && r != "payment_window_over" {
						t.Errorf("payment %d: %v", n, err)
					}
				}
			})
		}
		send(next)
		close(next)
		payers.Wait()
	}
	// Half as many as this machine can conclude: otherwise they queue up, and all are
	// too late.
	began := time.Now()
	concludeAll(func(next chan<- int) {
		for n := range trials {
			next <- payments + n
		}
	})
	apart := max(1200*time.Microsecond, 2*time.Since(began)/trials)
	first := deadlines(t, s, payments, apart)

	ending, stop := context.WithCancel(ctx)
	var timer sync.WaitGroup
	timer.Go(func() {
		for ending.Err() == nil {
			if _, err := s.ExpireDue(ending, 500, booking.Booking.Expire); err != nil && ending.Err() == nil {
				t.Error(err)
			}
			time.Sleep(time.Millisecond) // a thousand times as often as the service does
		}
	})
	concludeAll(func(next chan<- int) {
		for n := range payments {
			at := first.Add(time.Duration(n)*apart + lead + time.Duration(rand.IntN(10_000)-5_000)*time.Microsecond)
			time.Sleep(time.Until(at)) // until this payment is sent
			if sooner := n + 250; sooner%20 == 0 && sooner < payments {
				next <- sooner // a third of a second early: in time on a slow machine too
			}
			if n%20 == 0 && n >= 250 {
				continue // it was sent early
			}
			next <- n
		}
	})
	for { // the rest is due by now
		ended, err := s.ExpireDue(ctx, 1000, booking.Booking.Expire)
		check(t, err)
		if len(ended) == 0 {
			break
		}
	}
	stop()
	timer.Wait()

	all, err := s.AllBookings(ctx)
	check(t, err)
	attempts, err := s.AllPayments(ctx)
	check(t, err)
	status := map[[16]byte]booking.PaymentStatus{}
	for _, p := range attempts {
		status[p.BookingID] = p.Status
	}
	paid := -trials
	for _, b := range all {
		n := binary.BigEndian.Uint64(b.ID[8:])
		want, attempt := booking.Cancelled, booking.VoidDue
		if won[n] {
			want, attempt = booking.Paid, booking.CaptureDue
			paid++
		}
		if b.Status != want || status[b.ID] != attempt || b.Status == booking.Paid && !b.PaidAt.Before(b.ExpiresAt) {
			t.Fatalf("payment %d won %v: the booking is %s, paid at %s of %s, the attempt %s", n, won[n], b.Status, b.PaidAt, b.ExpiresAt, status[b.ID])
		}
	}
	t.Logf("%d of %d were paid in time", paid, payments)
	if paid == 0 || paid == payments {
		t.Error("one side won all: the deadline was never contended")
	}
}

// deadlines gives the bookings their deadlines, apart from each other, and returns
// the first, which is some seconds ahead.
func deadlines(t *testing.T, s *store.Store, payments int, apart time.Duration) (first time.Time) {
	t.Helper()
	for ahead := 3 * time.Second; time.Until(first) < time.Second; ahead *= 2 {
		check(t, s.Batches.QueryRow(t.Context(), "SELECT clock_timestamp() + $1 * interval '1 microsecond'", ahead.Microseconds()).Scan(&first))
		_, err := s.Batches.Exec(t.Context(), "UPDATE bookings SET expires_at = $1::timestamptz + (hold - 1) * $2 * interval '1 microsecond' WHERE hold <= $3",
			first, apart.Microseconds(), payments)
		check(t, err)
	}
	return first
}

func paymentID(n int) booking.PaymentID {
	var id booking.PaymentID
	binary.BigEndian.PutUint64(id[8:], uint64(n))
	return id
}

// conclude returns the paid booking, or why it is not paid.
func conclude(ctx context.Context, s *store.Store, id booking.PaymentID) (booking.Booking, error) {
	var end booking.Conclusion
	err := store.Payments{Store: s}.Conclude(ctx, id, func(p booking.Payment, b booking.Booking, now time.Time) booking.Conclusion {
		end = p.Conclude(b, now)
		return end
	})
	if err != nil || end.Refused != nil {
		return booking.Booking{}, errors.Join(err, end.Refused)
	}
	return end.Paid.Booking, nil
}
