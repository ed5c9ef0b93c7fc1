package bookingapi_test

import (
	"bufio"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/bookingapi"
	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// service is booking-service as far as its stream needs it.
type service struct {
	*feedhub.Bookings
	stored *memory.Bookings
	ended  *memory.EndedSessions
	url    string
	token  string
	claims port.Claims
	alone  bool // the feed of other servers is down
}

func (s *service) Complete() bool { return !s.alone }

func newService(t *testing.T) *service {
	t.Helper()
	tokens, err := sessiontoken.New([]byte("0123456789abcdef0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	s := &service{Bookings: feedhub.NewBookings(), stored: memory.NewBookings(), ended: &memory.EndedSessions{},
		claims: port.Claims{Session: "s", User: 7, Role: "buyer", OpenedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)}}
	if s.token, err = tokens.Sign(s.claims); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(bookingapi.NewHandler(bookingapi.Uses{Bookings: s.stored, Streams: s}, httpapi.NewSessions(tokens, s.ended), slog.New(slog.NewTextHandler(t.Output(), nil))))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// paid is the n-th booking of the buyer.
func paid(n int) booking.Booking {
	return booking.Booking{ID: domain.BookingID{14: byte(n >> 8), 15: byte(n)}, EventID: 1, BuyerID: 7, Section: "A", Status: booking.Paid,
		UnitPrice: domain.Money{Amount: 1, Currency: "TWD"}, Revision: 3}
}

type frame struct {
	event string
	data  struct {
		ID        string
		Message   string
		Truncated *bool
		Bookings  []struct{ ID, Message, Status string }
	}
}

// open reads the stream until it ends.
func (s *service) open(t *testing.T, query ...string) <-chan frame {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/v1/bookings/stream"+strings.Join(query, ""), nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil || resp.StatusCode != 200 {
		t.Fatal(resp, err)
	}
	frames := make(chan frame, 1000)
	go func() {
		defer close(frames)
		defer resp.Body.Close()
		lines := bufio.NewScanner(resp.Body)
		lines.Buffer(nil, 16<<20)
		var f frame
		for lines.Scan() {
			name, value, _ := strings.Cut(lines.Text(), ": ")
			switch name {
			case "event":
				f = frame{event: value}
			case "data":
				if err := json.Unmarshal([]byte(value), &f.data); err != nil {
					t.Error(err)
				}
				frames <- f
			}
		}
	}()
	return frames
}

func next(t *testing.T, frames <-chan frame, event string) frame {
	t.Helper()
	select {
	case f, ok := <-frames:
		if !ok || f.event != event {
			t.Fatalf("%q (%v), want %s", f.event, ok, event)
		}
		return f
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", event)
	}
	return frame{}
}

func TestStreamOfBookings(t *testing.T) {
	s := newService(t)
	frames := s.open(t)
	if f := next(t, frames, "snapshot"); f.data.Bookings == nil || f.data.Truncated != nil {
		t.Errorf("%+v", f.data)
	}

	s.Changed([]booking.Booking{paid(1)})
	if f := next(t, frames, "change"); f.data.ID != paid(1).ID.String() || f.data.Message != "payment_succeeded_ticket_confirmed" {
		t.Errorf("%+v", f.data)
	}

	var burst []booking.Booking
	for n := range 600 {
		burst = append(burst, paid(n+2))
	}
	burst[0].Status, burst[1].Status = booking.Processing, booking.Failed
	s.Changed(append(burst, paid(1))) // the last one is known
	f := next(t, frames, "changes")
	if len(f.data.Bookings) != 599 || f.data.Bookings[0].ID != paid(3).ID.String() || f.data.Bookings[0].Message != "no_seats" ||
		f.data.Bookings[598].ID != paid(601).ID.String() || f.data.Bookings[598].Message != "payment_succeeded_ticket_confirmed" {
		t.Errorf("%d changes: %+v", len(f.data.Bookings), f.data.Bookings)
	}
}

func TestStreamOfBookingsOfOneEvent(t *testing.T) {
	s := newService(t)
	frames := s.open(t, "?event_id=2")
	next(t, frames, "snapshot")
	other, one := paid(1), paid(2)
	one.EventID = 2

	s.Changed([]booking.Booking{other})
	s.Changed([]booking.Booking{one})

	if f := next(t, frames, "change"); f.data.ID != one.ID.String() {
		t.Errorf("booking %s is of another event", f.data.ID)
	}
}

// A change that the feed lost is found in the store, soon while the feed is down.
func TestStreamOfBookingsFindsALostChange(t *testing.T) {
	s := newService(t)
	s.alone = true
	store := func(b booking.Booking) {
		t.Helper()
		if _, err := s.stored.Accept(t.Context(), b, port.IdempotencyKey{}); err != nil {
			t.Fatal(err)
		}
	}
	store(paid(1))
	frames := s.open(t)
	next(t, frames, "snapshot")

	store(paid(2))
	began := time.Now()

	if f := next(t, frames, "change"); f.data.ID != paid(2).ID.String() {
		t.Errorf("booking %s was known", f.data.ID)
	}
	if took := time.Since(began); took > 8*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestSnapshotOfManyBookings(t *testing.T) {
	s := newService(t)
	for n := range 1001 {
		if n == 1000 {
			if f := next(t, s.open(t), "snapshot"); len(f.data.Bookings) != 1000 || f.data.Truncated != nil {
				t.Errorf("%d bookings, truncated %v", len(f.data.Bookings), f.data.Truncated)
			}
		}
		if _, err := s.stored.Accept(t.Context(), paid(n), port.IdempotencyKey{}); err != nil {
			t.Fatal(err)
		}
	}
	f := next(t, s.open(t), "snapshot")
	if len(f.data.Bookings) != 1000 || f.data.Truncated == nil || !*f.data.Truncated || f.data.Bookings[0].ID != paid(1000).ID.String() {
		t.Errorf("%d bookings, truncated %v, the first %s", len(f.data.Bookings), f.data.Truncated, f.data.Bookings[0].ID)
	}
}

// Bookings change all the time: the stream passes them on in few frames, and ends
// with its session all the same.
func TestStreamOfBookingsEndsInABurst(t *testing.T) {
	s := newService(t)
	frames := s.open(t)
	next(t, frames, "snapshot")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	go func() {
		for revision := int64(4); ctx.Err() == nil; revision++ {
			for n := range 100 {
				b := paid(n)
				b.Revision = revision
				s.Changed([]booking.Booking{b})
			}
			<-tick.C
		}
	}()
	next(t, frames, "changes")

	if err := s.ended.End(t.Context(), s.claims.Session, s.claims.ExpiresAt); err != nil {
		t.Fatal(err)
	}
	began, sent := time.Now(), 0
	for range frames {
		sent++
	}
	if took := time.Since(began); took > time.Second || sent > 20 {
		t.Errorf("the stream went on for %s and %d frames", took, sent)
	}
}
