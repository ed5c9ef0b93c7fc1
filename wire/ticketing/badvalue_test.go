package ticketing

import (
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/account"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
)

// PostgreSQL refuses a time before 4713 BC (SQLSTATE 22008), however often it is
// tried. The record becomes a dead letter, and the other updates are applied.
func TestF19_TimeThatPostgresRefuses(t *testing.T) {
	s, err := store.Open(t.Context(), teststores.Postgres(t))
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(err)
	t.Cleanup(s.Close)
	now := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	user, err := s.Register(t.Context(), account.User{Email: "seller@example.com", Name: "A seller", Role: account.Seller, CreatedAt: now}, "hash")
	check(err)
	event := rules.CatalogueEvent{SellerID: user.ID, Name: "The show", VenueName: "The hall", StartsAt: now, TimeZone: "UTC", Currency: "EUR", MaxTickets: 4,
		CreatedAt: now, Revision: 1, Sections: []rules.CatalogueSection{{Price: 100, Layout: seating.SectionLayout{Name: "A",
			Subsections: []seating.Subsection{seating.Regular(1, 1, 3)}}}}}
	event.ID, err = s.Create(t.Context(), event)
	check(err)
	catalogue, letters := memory.NewCatalogue(), &memory.DeadLetters{}
	check(catalogue.PublishEvent(t.Context(), event))
	updates := usecase.NewUpdates(s, catalogue, letters)
	input := port.Input{Event: event.ID, Action: message.TicketToReserved, Partition: 0, Cluster: "c", TopicID: "t"}
	_, err = updates.Assigned(t.Context(), event.ID, map[port.Input]int64{input: 3})
	check(err)
	var batch []port.Delivery
	for i, at := range []time.Time{now, time.Date(-5000, 1, 1, 0, 0, 0, 0, time.UTC), now} {
		batch = append(batch, port.Delivery{Input: input, Offset: int64(i), Raw: []byte{byte(i)}, Envelope: message.Envelope{Body: message.SeatUpdatedToReserved{
			Held: message.Held{EventID: event.ID, BookingID: domain.BookingID{15: byte(i + 1)}, BuyerID: 42, Section: "A", Hold: domain.Hold(i + 1), ReservedAt: at,
				Seats: []domain.SeatID{{Section: "A", Subsection: 1, Row: 1, Seat: i + 1}}, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}}}}})
	}

	check(updates.Deliver(t.Context(), event.ID, batch))

	tickets, _, err := s.AllTickets(t.Context(), event.ID)
	check(err)
	for i, want := range []rules.Status{rules.Reserved, rules.Available, rules.Reserved} {
		if tickets[i].Status != want {
			t.Errorf("seat %d is %v, want %v", i+1, tickets[i].Status, want)
		}
	}
	if buried := letters.Buried(); len(buried) != 1 || buried[0].Raw[0] != 1 {
		t.Errorf("buried %+v", buried)
	}
	at, err := s.Positions(t.Context(), []port.Input{input})
	check(err)
	if at[input] != 3 {
		t.Errorf("goes on at %d", at[input])
	}
}
