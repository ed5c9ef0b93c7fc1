package reservation_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/reservation"
)

// counter is a publisher that counts and keeps nothing.
type counter struct{ sent chan int }

func (c counter) Send(_ message.Envelope, done func(error)) {
	done(nil)
	c.sent <- 1
}

// BenchmarkOwner measures one command from delivery to its two messages: decide,
// append, read back, store, send. All adapters are in memory.
func BenchmarkOwner(b *testing.B) {
	const event = domain.EventID(1)
	layout := seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 500, 200)}}
	catalogue, sent := memory.NewCatalogue(), counter{make(chan int, 4096)}
	if err := catalogue.PublishEvent(b.Context(), ticketing.CatalogueEvent{ID: event, Revision: 1, JournalTopicID: "j",
		Sections: []ticketing.CatalogueSection{{Layout: layout, Price: 100}}}); err != nil {
		b.Fatal(err)
	}
	s := reservation.NewServer(reservation.Deps{Wakes: memory.NewWakes(memory.NewWakeLog(), catalogue, message.SeatReservation, time.Hour), Journal: memory.NewJournal(), Seats: memory.NewSeatStore(), Publisher: sent,
		DeadLetters: &memory.DeadLetters{}, Catalogue: catalogue, Feed: noFeed{}, Meter: &memory.SeatMeter{},
		Now: time.Now, Nonce: func() uint64 { return 1 }, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(b.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	input := func(a message.Action) port.Input { return port.Input{Event: event, Action: a, TopicID: a.String()} }
	if _, err := s.Assigned(ctx, event, map[port.Input]int64{input(message.SeatInitialization): 1, input(message.TicketReserving): 0}); err != nil {
		b.Fatal(err)
	}
	deliver := func(batch []port.Delivery) {
		if err := s.Deliver(ctx, event, batch); err != nil {
			b.Fatal(err)
		}
	}
	deliver([]port.Delivery{{Input: input(message.SeatInitialization), Envelope: message.Envelope{Body: message.InitializeSeats{EventID: event, Layout: layout}}}})
	next := int64(0)
	request := func() port.Delivery {
		id := domain.BookingID{0: 1, 12: byte(next >> 24), 13: byte(next >> 16), 14: byte(next >> 8), 15: byte(next)}
		next++
		return port.Delivery{Input: input(message.TicketReserving), Offset: next - 1, Envelope: message.Envelope{Body: message.TicketReservedRequest{
			EventID: event, BookingID: id, BuyerID: 7, Section: "A", Mode: message.BestAvailable, Quantity: 2, AllowPartial: true,
			UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}}}}
	}
	deliver([]port.Delivery{request()})
	<-sent.sent
	<-sent.sent

	b.ReportAllocs()
	b.ResetTimer()
	go func() {
		batch := make([]port.Delivery, 0, 500)
		for range b.N {
			if batch = append(batch, request()); len(batch) == cap(batch) {
				deliver(batch)
				batch = batch[:0]
			}
		}
		deliver(batch)
	}()
	for range 2 * b.N { // all seats are held at the end of no more than 49,999 commands
		<-sent.sent
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
	cancel()
	if err := <-ended; err != nil {
		b.Error(err)
	}
}

// noFeed is a feed that nobody listens to.
type noFeed struct{}

func (noFeed) SeatsChanged(domain.EventID, port.SeatChanges) {}
