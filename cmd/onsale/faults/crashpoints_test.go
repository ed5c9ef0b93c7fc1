package faults_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// Each crash point is hit once, in the middle of a booking, a payment or the
// creation of an event. The service ends there as if by kill -9. The supervisor
// starts it again, and the booking, payment or event comes to its end.
func TestCrashPoints(t *testing.T) {
	t.Parallel()
	armed := t.TempDir()
	in := e2e.StartWith(t, e2e.Config{Broker: e2e.Embedded, Args: []string{"--no-demo"}, Binaries: e2e.CrashBinaries, Env: []string{"ONSALE_CRASH_DIR=" + armed}})
	seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
	c := crashes{in: in, armed: armed, seller: seller, buyer: buyer, event: seller.CreateHall(5, 10)}
	for _, point := range []struct {
		name    string
		service string
		provoke func(crashes, *testing.T)
	}{
		{crashpoint.BookingStored, "booking-service", crashes.book},
		{crashpoint.RecordsReadBack, "seat-reservation-service", crashes.book},
		{crashpoint.SeatsStored, "seat-reservation-service", crashes.book},
		{crashpoint.AnswersApplied, "booking-service", crashes.book},
		{crashpoint.TicketsApplied, "event-ticketing-service", crashes.book},
		{crashpoint.PaymentAuthorised, "booking-service", crashes.pay},
		{crashpoint.BookingPaid, "booking-service", crashes.pay},
		{crashpoint.OutboxClaimed, "booking-service", crashes.pay},
		{crashpoint.OutboxSent, "booking-service", crashes.pay},
		{crashpoint.EventStored, "event-ticketing-service", crashes.create},
		{crashpoint.EventWoken, "booking-service", crashes.wake},
		{crashpoint.TopicsCreated, "event-ticketing-service", crashes.wake},
		{crashpoint.EventChanged, "event-ticketing-service", crashes.wake},
	} {
		t.Run(point.name, func(t *testing.T) {
			c.point, c.service = point.name, point.service
			c.pid = in.PID(point.service)
			c.in = in.For(t)
			c.seller.In, c.buyer.In = c.in, c.in
			point.provoke(c, t)
			c.in.Verify()
		})
		if t.Failed() {
			return
		}
	}
}

// crashes is what the crashes of one installation need.
type crashes struct {
	in             *e2e.Installation
	armed          string // directory of armed points
	seller, buyer  e2e.Person
	event          int64
	point, service string
	pid            int // of the service before the crash
}

// arm lets the next process that comes to the point crash there.
func (c crashes) arm(t *testing.T) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.armed, c.point), nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// crashed waits until the point was hit and the service runs again.
func (c crashes) crashed(t *testing.T) {
	t.Helper()
	c.in.Eventually(c.point+" is hit", 30*time.Second, func() bool {
		_, err := os.Stat(filepath.Join(c.armed, c.point))
		return os.IsNotExist(err)
	})
	c.in.Eventually(c.service+" is started again", time.Minute, func() bool {
		pid := c.in.PID(c.service)
		return pid != 0 && pid != c.pid && c.in.Ready(c.service)
	})
}

// book crashes in the middle of a booking, which must get its seats and be paid.
func (c crashes) book(t *testing.T) {
	c.arm(t)
	b := c.buyer.Book(map[string]any{"event_id": c.event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	c.crashed(t)
	if got := c.buyer.Answered(b.ID); got.Status != "pending_payment" || len(got.Seats) != 2 {
		t.Fatalf("%+v", got)
	}
	c.pays(t, b.ID)
}

// pay crashes in the middle of a payment, which must be made exactly once.
func (c crashes) pay(t *testing.T) {
	b := c.buyer.Book(map[string]any{"event_id": c.event, "section": "B", "seat_selection_mode": "best_available", "quantity": 2})
	c.buyer.Answered(b.ID)
	c.in.Verify() // at rest: whatever comes to the point next belongs to the payment
	c.arm(t)
	c.pays(t, b.ID)
	c.crashed(t)
	if got := c.buyer.Booking(b.ID); got.Status != "paid" {
		t.Errorf("%+v", got)
	}
}

// pays pays until the booking is paid. An answer may be lost in a crash.
func (c crashes) pays(t *testing.T, id string) {
	t.Helper()
	c.in.Eventually("booking "+id+" is paid", time.Minute, func() bool {
		status, body, err := c.buyer.Try("POST", "/v1/bookings/"+id+"/payment", map[string]any{"payment_token": "tok_ok"})
		return err == nil && (status == http.StatusOK || bytes.Contains(body, []byte("already_paid")))
	})
}

// create crashes in the middle of the creation of an event, which must go on sale
// all the same.
func (c crashes) create(t *testing.T) {
	c.arm(t)
	status, body, err := c.seller.Try("POST", "/v1/events", map[string]any{
		"name": "Interrupted", "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "EUR",
		"seating": map[string]any{"rows": 1, "seats_per_row": 4, "sections": []map[string]any{{"name": "A", "price": 5000, "subsections": 1}}},
	})
	if err == nil && status == http.StatusCreated {
		t.Fatalf("the event was created without a crash: %s", body)
	}
	c.crashed(t)
	var page struct {
		Items []struct {
			ID   int64
			Name string
		}
	}
	c.in.Eventually("the event is on sale", time.Minute, func() bool {
		c.seller.OK("GET", "/v1/events?mine=true", nil, http.StatusOK, &page)
		return len(page.Items) > 0 && page.Items[0].Name == "Interrupted"
	})
	if n := strings.Count(fmt.Sprint(page.Items), "Interrupted"); n != 1 {
		t.Errorf("there are %d such events", n)
	}
	b := c.buyer.Book(map[string]any{"event_id": page.Items[0].ID, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	if got := c.buyer.Answered(b.ID); got.Status != "pending_payment" {
		t.Errorf("%+v", got)
	}
}

// wake crashes while an event that was never woken is made ready for its first
// booking, which must get its seats and be paid.
func (c crashes) wake(t *testing.T) {
	c.event = c.seller.CreateHall(5, 10)
	c.book(t)
}

// Services are killed when they have written that an event may sleep, before they have
// read it: whichever is first, again and again. The event falls asleep all the same,
// and wakes for a booking.
func TestCrashPointOfSleep(t *testing.T) {
	t.Parallel()
	armed := t.TempDir()
	in := e2e.StartWith(t, e2e.Config{Broker: e2e.Embedded, Args: []string{"--no-demo", "--sleep-after", "15s"}, Binaries: e2e.CrashBinaries, Env: []string{"ONSALE_CRASH_DIR=" + armed}})
	c := crashes{in: in, armed: armed, buyer: in.Register("buyer", "buyer@example.com"), event: in.Register("seller", "seller@example.com").CreateHall(5, 10)}
	services := []string{"booking-service", "seat-reservation-service", "event-ticketing-service"}
	c.pays(t, c.buyer.Book(map[string]any{"event_id": c.event, "section": "A", "seat_selection_mode": "best_available", "quantity": 1}).ID)

	point, killed := filepath.Join(armed, crashpoint.EventRested), 0
	in.Eventually("the event sleeps", 2*time.Minute, func() bool {
		for _, service := range services {
			if !in.Ready(service) {
				return false
			}
		}
		if _, err := os.Stat(point); os.IsNotExist(err) {
			killed++
			if err := os.WriteFile(point, nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		for _, service := range services {
			if in.Metric(service, "onsale_events_awake") != 0 {
				return false
			}
		}
		return true
	})
	if err := os.Remove(point); err != nil {
		t.Fatal(err)
	}
	if killed--; killed < 2 {
		t.Errorf("%d services were killed", killed)
	}
	t.Logf("%d services were killed", killed)
	b := c.buyer.Book(map[string]any{"event_id": c.event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	if got := c.buyer.Answered(b.ID); got.Status != "pending_payment" {
		t.Errorf("%+v", got)
	}
	in.Verify()
}
