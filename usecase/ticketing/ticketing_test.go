package ticketing_test

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/relay"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

var now = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

type house struct {
	store     *memory.Ticketing
	topics    *memory.EventTopics
	sent      *memory.Publisher
	catalogue *memory.Catalogue
	letters   *memory.DeadLetters
	open      *ticketing.OpenSale
	create    *ticketing.CreateEvent
	updates   *ticketing.Updates
}

func newHouse() *house {
	h := &house{store: memory.NewTicketing(), topics: &memory.EventTopics{}, sent: &memory.Publisher{}, catalogue: memory.NewCatalogue(), letters: &memory.DeadLetters{}}
	h.open = ticketing.NewOpenSale(h.store, h.catalogue)
	h.create = ticketing.NewCreateEvent(h.store, h.store, h.open, func(name string) bool { return name == "UTC" }, func() time.Time { return now })
	h.updates = ticketing.NewUpdates(h.store, h.catalogue, h.letters)
	return h
}

func ptr[T any](v T) *T { return &v }

func creation() ticketing.Creation {
	return ticketing.Creation{Seller: port.Claims{User: 3, Name: "a new seller", Role: "seller"}, Event: rules.NewEvent{Name: "The show", VenueName: "The hall",
		StartsAt: "2027-01-01T20:00:00+08:00", Currency: "TWD", Seating: rules.NewSeating{
			Grid:     rules.Grid{Rows: ptr(1), SeatsPerRow: ptr(3)},
			Sections: []rules.NewSection{{Name: "A", Price: ptr(int64(100)), Count: ptr(1)}, {Name: "B", Price: ptr(int64(200)), Count: ptr(2)}}}}}
}

// catalogueOf is a catalogue that is written in its own way.
type catalogueOf func(context.Context, rules.CatalogueEvent) error

func (f catalogueOf) PublishEvent(ctx context.Context, e rules.CatalogueEvent) error {
	return f(ctx, e)
}

func TestCreateEvent(t *testing.T) {
	t.Run("puts the event on sale without topics", func(t *testing.T) {
		h := newHouse()
		e, err := h.create.Handle(t.Context(), creation())
		if err != nil || e.Status != rules.OnSale || e.SellerID != 3 || e.SellerName != "a new seller" || e.Total() != (rules.Counts{Available: 9}) {
			t.Fatalf("%+v %v", e, err)
		}
		if c, err := h.catalogue.Event(t.Context(), e.ID); err != nil || c.HasTopics() || len(c.Sections) != 2 {
			t.Errorf("%+v %v", c, err)
		}
		if sent := h.sent.Sent(); len(sent) != 0 {
			t.Errorf("sent: %+v", sent)
		}
	})
	t.Run("stores nothing of a bad request", func(t *testing.T) {
		h := newHouse()
		bad := creation()
		bad.Event.Name = ""
		if _, err := h.create.Handle(t.Context(), bad); err == nil {
			t.Error("created")
		}
		if ids, _ := h.store.Unpublished(t.Context()); len(ids) != 0 {
			t.Errorf("stored %v", ids)
		}
	})
	t.Run("waits for slow brokers for a limited time", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := newHouse()
			slow := catalogueOf(func(ctx context.Context, _ rules.CatalogueEvent) error { <-ctx.Done(); return ctx.Err() })
			create := ticketing.NewCreateEvent(h.store, h.store, ticketing.NewOpenSale(h.store, slow), func(string) bool { return true }, time.Now)
			began := time.Now()
			_, err := create.Handle(t.Context(), creation())
			if r, ok := domain.AsRefusal(err); !ok || r.Code != "sale_not_open" || time.Since(began) > 30*time.Second {
				t.Errorf("%v after %s", err, time.Since(began))
			}
		})
	})
	t.Run("is taken up after a fault", func(t *testing.T) {
		h := newHouse()
		fault := errors.New("no broker")
		open := ticketing.NewOpenSale(h.store, catalogueOf(func(ctx context.Context, e rules.CatalogueEvent) error {
			if fault != nil {
				return fault
			}
			return h.catalogue.PublishEvent(ctx, e)
		}))
		create := ticketing.NewCreateEvent(h.store, h.store, open, func(string) bool { return true }, func() time.Time { return now })
		_, err := create.Handle(t.Context(), creation())
		if r, ok := domain.AsRefusal(err); !ok || r.Code != "sale_not_open" {
			t.Fatalf("%v", err)
		}
		if _, err := h.store.Event(t.Context(), 1); err == nil {
			t.Error("it is shown already")
		}
		takeUp := ticketing.NewTakeUp(h.store, open)
		if err := takeUp.Handle(t.Context()); err == nil {
			t.Error("taken up although the fault lasts")
		}
		fault = nil
		if err := takeUp.Handle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if e, err := h.store.Event(t.Context(), 1); err != nil || e.Status != rules.OnSale {
			t.Errorf("%+v %v", e, err)
		}
	})
}

var (
	booking = domain.BookingID{15: 1}
	seat    = domain.SeatID{Section: "B", Subsection: 2, Row: 1, Seat: 3}
	input   = port.Input{Event: 1, Action: message.TicketToPaid, Partition: 1, TopicID: "t"}
	price   = domain.Money{Amount: 200, Currency: "TWD"}
)

func reserved(hold domain.Hold) message.Message {
	return message.SeatUpdatedToReserved{Held: message.Held{EventID: 1, BookingID: booking, BuyerID: 9, Section: "B", Seats: []domain.SeatID{seat}, Hold: hold, UnitPrice: price, ReservedAt: now}}
}

func paid(hold domain.Hold) message.Message {
	return message.BookingPaidSuccess{EventID: 1, BookingID: booking, BuyerID: 9, Section: "B", Seats: []domain.SeatID{seat}, Hold: hold, UnitPrice: price, Total: price, PaidAt: now.Add(time.Minute)}
}

func expired(hold domain.Hold) message.Message {
	return message.BookingExpiredReleaseTickets{EventID: 1, BookingID: booking, Section: "B", Seats: []domain.SeatID{seat}, Hold: hold, Reason: "expired"}
}

// updated delivers messages to an event on sale. It returns the ticket of the seat,
// the event, and the messages to the seat owner.
func updated(t *testing.T, messages ...message.Message) (rules.Ticket, rules.Event, []message.Envelope) {
	t.Helper()
	h := newHouse()
	if _, err := h.create.Handle(t.Context(), creation()); err != nil {
		t.Fatal(err)
	}
	if _, err := h.updates.Assigned(t.Context(), 1, map[port.Input]int64{input: 0}); err != nil {
		t.Fatal(err)
	}
	var batch []port.Delivery
	for i, m := range messages {
		batch = append(batch, port.Delivery{Input: input, Offset: int64(i), Envelope: message.Envelope{Body: m, Time: now}})
	}
	for range 2 { // a repeat changes nothing
		if err := h.updates.Deliver(t.Context(), 1, batch); err != nil {
			t.Fatal(err)
		}
	}
	out := &memory.Publisher{}
	if err := relay.New(h.store, out, memory.NewWakes(memory.NewWakeLog(), memory.NewCatalogue(), message.EventTicketing, time.Hour)).Handle(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, err := memory.TicketList{Ticketing: h.store, Users: &memory.Users{}}.List(t.Context(), 1, port.TicketFilter{Section: "B", Subsection: 2, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	sales, err := h.store.Sales(t.Context(), 1)
	if err != nil || sales.Bookings != 1 {
		t.Errorf("%d bookings were counted (%v); there is one", sales.Bookings, err)
	}
	var paid int64
	if list[2].Status == rules.Sold {
		paid = price.Amount
	}
	if _, revenue := sales.Total(); revenue != paid {
		t.Errorf("the revenue is %d, %d was paid", revenue, paid)
	}
	e, err := h.store.Event(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	return list[2].Ticket, e, out.Sent()
}

func TestF13_Updates(t *testing.T) {
	change := message.SeatChange{EventID: 1, BookingID: booking, Section: "B", Seats: []domain.SeatID{seat}, Hold: 5}
	for name, c := range map[string]struct {
		messages []message.Message
		status   rules.Status
		counts   rules.Counts
		follows  []message.Message
	}{
		"held":                       {[]message.Message{reserved(5)}, rules.Reserved, rules.Counts{Available: 5, Reserved: 1}, nil},
		"paid":                       {[]message.Message{reserved(5), paid(5)}, rules.Sold, rules.Counts{Available: 5, Sold: 1}, []message.Message{message.FinalizeSeats{SeatChange: change}}},
		"paid before it was held":    {[]message.Message{paid(5), reserved(5)}, rules.Sold, rules.Counts{Available: 5, Sold: 1}, []message.Message{message.FinalizeSeats{SeatChange: change}}},
		"given back":                 {[]message.Message{reserved(5), expired(5)}, rules.Available, rules.Counts{Available: 6}, []message.Message{message.ReleaseSeat{SeatChange: change}}},
		"given back before held":     {[]message.Message{expired(5), reserved(5)}, rules.Available, rules.Counts{Available: 6}, []message.Message{message.ReleaseSeat{SeatChange: change}}},
		"an old release":             {[]message.Message{reserved(7), expired(5)}, rules.Reserved, rules.Counts{Available: 5, Reserved: 1}, nil},
		"a release of what was paid": {[]message.Message{reserved(5), paid(5), expired(5)}, rules.Sold, rules.Counts{Available: 5, Sold: 1}, []message.Message{message.FinalizeSeats{SeatChange: change}}},
	} {
		t.Run(name, func(t *testing.T) {
			ticket, event, follows := updated(t, c.messages...)
			if ticket.Status != c.status || event.Counts[1] != c.counts {
				t.Errorf("%s, %+v; want %s, %+v", ticket.Status, event.Counts[1], c.status, c.counts)
			}
			var bodies []message.Message
			for _, e := range follows {
				bodies = append(bodies, e.Body)
				if e.Partition != 1 {
					t.Errorf("on partition %d", e.Partition)
				}
			}
			if !reflect.DeepEqual(bodies, c.follows) {
				t.Errorf("got  %+v\nwant %+v", bodies, c.follows)
			}
		})
	}
	t.Run("poison is buried and the rest applied", func(t *testing.T) {
		h := newHouse()
		if _, err := h.create.Handle(t.Context(), creation()); err != nil {
			t.Fatal(err)
		}
		_, _ = h.updates.Assigned(t.Context(), 1, map[port.Input]int64{input: 0})
		err := h.updates.Deliver(t.Context(), 1, []port.Delivery{{Input: input, Offset: 0, Poison: errors.New("no JSON"), Raw: []byte("{")},
			{Input: input, Offset: 1, Envelope: message.Envelope{Body: paid(5), Time: now}}})
		e, _ := h.store.Event(t.Context(), 1)
		if err != nil || len(h.letters.Buried()) != 1 || e.Counts[1].Sold != 1 {
			t.Errorf("%v %v %+v", err, h.letters.Buried(), e.Counts)
		}
	})
}
