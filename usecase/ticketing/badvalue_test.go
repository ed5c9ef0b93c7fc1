package ticketing_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

// picky refuses every change of one seat, as a database does for a value that it
// cannot store.
type picky struct {
	*memory.Ticketing
	bad domain.SeatID
}

func (p picky) Apply(ctx context.Context, event domain.EventID, progress []port.Progress, seats []domain.SeatID, decide func([]rules.Ticket) port.TicketChanges) error {
	if slices.Contains(seats, p.bad) {
		return errors.Join(port.ErrBadValue, errors.New("value out of range"))
	}
	return p.Ticketing.Apply(ctx, event, progress, seats, decide)
}

func TestF19_UpdatesWithABadValue(t *testing.T) {
	h := newHouse()
	event, err := h.create.Handle(t.Context(), creation())
	if err != nil {
		t.Fatal(err)
	}
	seat := func(n int) domain.SeatID { return domain.SeatID{Section: "A", Subsection: 1, Row: 1, Seat: n} }
	input := port.Input{Event: event.ID, Action: message.TicketToReserved, Partition: 0, TopicID: "t"}
	reserved := func(offset int64, n int) port.Delivery {
		return port.Delivery{Input: input, Offset: offset, Raw: []byte{byte(n)}, Envelope: message.Envelope{Body: message.SeatUpdatedToReserved{Held: message.Held{
			EventID: event.ID, BookingID: domain.BookingID{15: byte(n)}, BuyerID: 42, Section: "A", Seats: []domain.SeatID{seat(n)}, Hold: domain.Hold(n),
			UnitPrice: domain.Money{Amount: 100, Currency: "TWD"}, ReservedAt: now}}}}
	}
	updates := ticketing.NewUpdates(picky{h.store, seat(2)}, h.catalogue, h.letters)
	assigned := func() int64 {
		from, err := updates.Assigned(t.Context(), event.ID, map[port.Input]int64{input: 0})
		if err != nil {
			t.Fatal(err)
		}
		return from[input]
	}
	assigned()

	err = updates.Deliver(t.Context(), event.ID, []port.Delivery{reserved(0, 1), reserved(1, 2), reserved(2, 3)})

	if err != nil {
		t.Fatal(err)
	}
	tickets, _, err := h.store.AllTickets(t.Context(), event.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []rules.Status{rules.Reserved, rules.Available, rules.Reserved} {
		if tickets[i].Status != want {
			t.Errorf("seat %d is %v, want %v", i+1, tickets[i].Status, want)
		}
	}
	if buried := h.letters.Buried(); len(buried) != 1 || buried[0].Raw[0] != 2 {
		t.Errorf("buried %+v", buried)
	}
	if next := assigned(); next != 3 {
		t.Errorf("goes on at %d", next)
	}
}
