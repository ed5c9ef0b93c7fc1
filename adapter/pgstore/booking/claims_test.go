package booking_test

import (
	"context"
	"testing"
	"time"

	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// A row that another server holds is passed over. A claim never waits for it, and
// never takes it too.
func TestClaimsPassOverWhatAnotherServerHolds(t *testing.T) {
	s := open(t)
	payments := store.Payments{Store: s}
	rows := func(n int, err error) int { check(t, err); return n }
	for name, tt := range map[string]struct {
		prepare string // for two bookings
		table   string
		claim   func(ctx context.Context) int
	}{
		"ClaimUnanswered": {"UPDATE bookings SET status = 'processing', resend_at = now()", "bookings", func(ctx context.Context) int {
			due, err := s.ClaimUnanswered(ctx, 10)
			return rows(len(due), err)
		}},
		"ExpireDue": {"UPDATE bookings SET status = 'pending_payment', expires_at = now()", "bookings", func(ctx context.Context) int {
			ended, err := s.ExpireDue(ctx, 10, booking.Booking.Expire)
			return rows(len(ended), err)
		}},
		"ClaimDue": {"UPDATE payments SET status = 'capture_due', due_at = now()", "payments", func(ctx context.Context) int {
			due, err := payments.ClaimDue(ctx, 10)
			return rows(len(due), err)
		}},
		"GiveUp": {"UPDATE payments SET status = 'started', started_at = now() - interval '2 minutes'", "payments", func(ctx context.Context) int {
			n := 0
			err := payments.GiveUp(ctx, time.Minute, func(p booking.Payment, _ time.Time) (booking.Payment, bool) {
				n++
				p.Status = booking.VoidDue
				return p, true
			})
			return rows(n, err)
		}},
		"Claim": {"INSERT INTO outbox (message, booking_id, event_id, section, seats, hold, reason) SELECT 'BookingExpiredReleaseTickets', id, 7, 'A', '{A-1-1-1}', 5, 'x' FROM bookings",
			"outbox", func(ctx context.Context) int {
				n, err := s.Claim(ctx, 10, func(context.Context, []message.Envelope) error { return nil })
				return rows(n, err)
			}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := t.Context()
			_, err := s.Batches.Exec(ctx, "TRUNCATE bookings, payments, outbox")
			check(t, err)
			for n := range 2 {
				b := request(n)
				_, err := s.Accept(ctx, b, port.IdempotencyKey{})
				check(t, err)
				_, err = s.Batches.Exec(ctx, "INSERT INTO payments (id, booking_id, amount, currency, status) VALUES ($1, $2, 100, 'EUR', 'started')", [16]byte(paymentID(n)), [16]byte(b.ID))
				check(t, err)
			}
			_, err = s.Batches.Exec(ctx, tt.prepare)
			check(t, err)
			held, err := s.Batches.Begin(ctx)
			check(t, err)
			defer held.Rollback(ctx)
			_, err = held.Exec(ctx, "SELECT FROM "+tt.table+" ORDER BY id LIMIT 1 FOR UPDATE")
			check(t, err)

			limited, cancel := context.WithTimeout(ctx, 3*time.Second)
			defer cancel()
			if n := tt.claim(limited); n != 1 {
				t.Errorf("%d rows are claimed, want the one that is free", n)
			}
			check(t, held.Rollback(ctx))
			if n := tt.claim(limited); n != 1 {
				t.Errorf("%d rows are claimed afterwards, want the other one", n)
			}
		})
	}
}
