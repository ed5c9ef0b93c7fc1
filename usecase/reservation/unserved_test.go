package reservation_test

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// An event whose journal is another than the catalogue's is not served, loudly:
// nothing of it is claimed or read. Other events are sold.
func TestAnotherJournalStopsItsEventAlone(t *testing.T) {
	const other = domain.EventID(2)
	log, catalogue, seats := &strings.Builder{}, memory.NewCatalogue(), memory.NewJournal()
	seats.TopicID = topicID
	for _, e := range []ticketing.CatalogueEvent{{ID: other, Revision: 1, JournalTopicID: "made anew since"}, {ID: show, Revision: 1, JournalTopicID: topicID}} {
		if err := catalogue.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	s := reservation.NewServer(reservation.Deps{Feed: noFeed{}, Meter: &memory.SeatMeter{}, Journal: seats, Seats: memory.NewSeatStore(), Publisher: &memory.Publisher{},
		DeadLetters: &memory.DeadLetters{}, Catalogue: catalogue, Wakes: memory.NewWakes(memory.NewWakeLog(), catalogue, message.SeatReservation, time.Hour), Now: time.Now, Nonce: func() uint64 { return 1 },
		Log: slog.New(slog.NewTextHandler(io.MultiWriter(log, t.Output()), nil))})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	assigned := func(id domain.EventID) map[port.Input]int64 {
		from, err := s.Assigned(ctx, id, map[port.Input]int64{{Event: id, Action: message.SeatInitialization, TopicID: "t"}: 0})
		if err != nil {
			t.Errorf("event %d: %v", id, err)
		}
		return from
	}

	none, one := assigned(other), assigned(show)
	owned, err := s.Owned(ctx)
	_, unread := s.MapSnapshot(ctx, other, nil)
	cancel()

	if failed := <-ended; failed != nil || err != nil {
		t.Errorf("the server stopped: %v, %v", failed, err)
	}
	if len(none) != 0 || len(one) != 1 {
		t.Errorf("read from %v and %v", none, one)
	}
	if n, is := owned[other]; !is || n != 0 || owned[show] != 1 {
		t.Errorf("owned: %v", owned)
	}
	if seats.End(other, 0) != 0 || unread == nil {
		t.Error("it was claimed, or has a map")
	}
	if !strings.Contains(log.String(), "level=ERROR") || !strings.Contains(log.String(), "must be rebuilt from the tickets") {
		t.Errorf("it is not said loudly: %s", log)
	}
}
