package memory_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
)

func TestSeatStore(t *testing.T) {
	porttest.SeatStore(t, func(*testing.T) port.SeatStore { return memory.NewSeatStore() }, nil)
}

func TestBookings(t *testing.T) {
	porttest.Bookings(t, func(*testing.T) porttest.BookingStore {
		s := memory.NewBookings()
		return porttest.BookingStore{Bookings: s, BookingInputs: s, Payments: memory.Payments{Bookings: s}, DuePayments: memory.Payments{Bookings: s}, Cancellations: s, Outbox: s, Work: s, Sealed: s}
	})
}

func TestTicketing(t *testing.T) {
	porttest.Ticketing(t, func(*testing.T) porttest.TicketingStore {
		s, users := memory.NewTicketing(), &memory.Users{}
		return porttest.TicketingStore{Users: users, NewEvents: s, EventChanges: s, Events: s, Sales: s, Listed: memory.TicketList{Ticketing: s, Users: users}, TicketInputs: s, Outbox: s, DeltaFolding: s, Work: s, Archives: memory.NewArchives(s), Dropped: s}
	})
}

func TestJournal(t *testing.T) {
	j := memory.NewJournal()
	j.TopicID = "topic"
	porttest.Journal(t, j, "topic")
}

func TestCatalogue(t *testing.T) {
	c := memory.NewCatalogue()
	porttest.Catalogue(t, c, c)
}

func TestEndedSessions(t *testing.T) {
	s := &memory.EndedSessions{}
	porttest.EndedSessions(t, s, s)
}

func TestRecords(t *testing.T) {
	porttest.StoredSeats(t, func(*testing.T) interface {
		port.SeatStore
		port.StoredSeats
	} {
		return memory.NewSeatStore()
	})
	porttest.BookingRecords(t, func(*testing.T) interface {
		port.Bookings
		port.BookingInputs
		port.BookingRecords
	} {
		return memory.NewBookings()
	})
	porttest.TicketRecords(t, func(*testing.T) (porttest.TicketingStore, port.TicketRecords) {
		s := memory.NewTicketing()
		return porttest.TicketingStore{Users: &memory.Users{}, NewEvents: s, EventChanges: s, TicketInputs: s, DeltaFolding: s}, s
	})
}

// A message that is being published is not handed out again, and the store goes on
// meanwhile.
func TestClaimIsHeldWhileItIsPublished(t *testing.T) {
	bookings, tickets := memory.NewBookings(), memory.NewTicketing()
	err := bookings.Apply(t.Context(), nil, nil, func(time.Time, map[domain.BookingID]booking.Booking) port.BookingChanges {
		return port.BookingChanges{Outgoing: []message.BookingExpiredReleaseTickets{{EventID: 1}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	id, err := tickets.Create(t.Context(), ticketing.CatalogueEvent{})
	if err != nil {
		t.Fatal(err)
	}
	err = tickets.Apply(t.Context(), id, nil, nil, func([]ticketing.Ticket) port.TicketChanges {
		return port.TicketChanges{Outgoing: []port.OutgoingSeats{{Action: message.ReleaseTicket}}}
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, outbox := range map[string]port.Outbox{"bookings": bookings, "tickets": tickets} {
		failed := context.DeadlineExceeded
		for _, want := range []error{failed, nil} {
			n, err := outbox.Claim(t.Context(), 10, func(ctx context.Context, sent []message.Envelope) error {
				n, err := outbox.Claim(ctx, 10, func(context.Context, []message.Envelope) error { return nil })
				if n != 0 || err != nil || len(sent) != 1 {
					t.Errorf("%s: %d messages are claimed while %d are published: %v", name, n, len(sent), err)
				}
				return want
			})
			if err != want || (n == 1) != (want == nil) {
				t.Errorf("%s: published %d, %v", name, n, err)
			}
		}
		if n, err := outbox.Claim(t.Context(), 10, nil); n != 0 || err != nil {
			t.Errorf("%s: %d messages are left: %v", name, n, err)
		}
	}
}

// The store's clock decides when a request is sent again, whatever time the booking
// has. The pause doubles up to 5 min.
func TestUnansweredAreDueByTheStoresClock(t *testing.T) {
	began := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	now := began
	s := memory.NewBookings()
	s.Now = func() time.Time { return now }
	b := booking.Booking{ID: domain.BookingID{15: 1}, Status: booking.Processing, CreatedAt: began.Add(time.Hour)}
	if _, err := s.Accept(t.Context(), b, port.IdempotencyKey{}); err != nil {
		t.Fatal(err)
	}
	var pauses []time.Duration
	for last := began; len(pauses) < 7 && now.Before(began.Add(time.Hour)); now = now.Add(time.Second) {
		due, err := s.ClaimUnanswered(t.Context(), 10)
		if err != nil {
			t.Fatal(err)
		}
		if len(due) > 0 {
			pauses, last = append(pauses, now.Sub(last)), now
		}
	}
	want := []time.Duration{10 * time.Second, 20 * time.Second, 40 * time.Second, 80 * time.Second, 160 * time.Second, 5 * time.Minute, 5 * time.Minute}
	if !slices.Equal(pauses, want) {
		t.Errorf("sent after %v, want %v", pauses, want)
	}
}

func TestSeatStoreClone(t *testing.T) {
	s := memory.NewSeatStore()
	write := func(offset int64) {
		batch := port.SeatBatch{Event: 1, Outcomes: []port.Outcome{{BookingID: domain.BookingID{15: byte(offset)}}}}
		batch.Fold.Next = offset
		if err := s.Write(batch); err != nil {
			t.Fatal(err)
		}
	}
	write(1)
	clone := s.Clone()
	write(2)
	stored, _, err := clone.Load(1, 0)
	if err != nil || stored.Fold.Next != 1 {
		t.Errorf("the clone is at %d, %v", stored.Fold.Next, err)
	}
	if _, found, _ := clone.Outcome(1, domain.BookingID{15: 2}); found {
		t.Error("the clone has an outcome that came later")
	}
	if _, found, _ := clone.Outcome(1, domain.BookingID{15: 1}); !found {
		t.Error("the clone lacks an outcome")
	}
}

func TestWakes(t *testing.T) {
	catalogue, log := memory.NewCatalogue(), memory.NewWakeLog()
	var views [3]porttest.WakeView
	for i, s := range []message.Service{message.BookingService, message.SeatReservation, message.EventTicketing} {
		views[i] = memory.NewWakes(log, catalogue, s, time.Hour)
	}
	porttest.Wakes(t, catalogue, views)
}
