package reservation_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/memory"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/booking"
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

// desk is the part of booking-service that accepts bookings and takes the answers, on
// real stores.
type desk struct {
	store  *store.Store
	accept *booking.AcceptBooking
	// asking returns an AcceptBooking that sends its requests by another publisher.
	asking func(port.Publisher) *booking.AcceptBooking
}

func openDesk(t testing.TB, addr string) desk {
	t.Helper()
	ctx := t.Context()
	s, err := store.Open(ctx, teststores.Postgres(t))
	check(t, err)
	t.Cleanup(s.Close)
	cluster, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: addr, ServerID: "desk", Service: message.BookingService,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	check(t, err)
	t.Cleanup(cluster.Close)
	publisher, err := kafkabus.NewPublisher(cluster)
	check(t, err)
	t.Cleanup(publisher.Close)
	catalogue, err := kafkabus.NewCatalogue(cluster)
	check(t, err)
	background(t, catalogue.Run)
	background(t, kafkabus.NewConsumers(cluster, booking.NewAnswers(s, publisher, &memory.Feed{}, 15*time.Minute), memory.NewWakes(memory.NewWakeLog(), catalogue, message.BookingService, time.Hour)).Run)
	newID := func() domain.BookingID { return domain.BookingID(uuid.Must(uuid.NewV7())) }
	asking := func(p port.Publisher) *booking.AcceptBooking {
		return booking.NewAcceptBooking(catalogue, s, booking.NewRequests(catalogue, p), memory.NewWakes(memory.NewWakeLog(), catalogue, message.BookingService, time.Hour), newID, time.Now)
	}
	d := desk{store: s, accept: asking(publisher), asking: asking}
	until(t, "the catalogue is read", func() bool {
		_, err := catalogue.Event(ctx, 1)
		return err == nil
	})
	return d
}

// until polls ok every few milliseconds, for what cannot be waited for.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

func (d desk) book(t testing.TB, section string, quantity int) domain.BookingID {
	b, err := d.accept.Handle(context.Background(), booking.BookingRequest{BuyerID: 42, EventID: 1,
		Request: rules.Request{Section: section, Mode: "best_available", Quantity: &quantity}})
	if err != nil {
		t.Error(err)
	}
	return b.ID
}

func (d desk) answered(t testing.TB, id domain.BookingID) (b rules.Booking) {
	until(t, "booking "+id.String()+" has its answer", func() bool {
		var err error
		b, err = d.store.Booking(t.Context(), id)
		return err == nil && b.Status != rules.Processing
	})
	return b
}

// A request becomes a row, a message, a record in the journal, seats in RocksDB, and a
// row that waits for payment. PostgreSQL, the broker and RocksDB are real.
func TestBookingsWaitForPaymentOnRealParts(t *testing.T) { onEachBroker(t, bookingsWaitForPayment) }

func bookingsWaitForPayment(t *testing.T, addr string) {
	publishHall(t, addr)
	serve(t, reservation.Settings{Server: process.Server{HTTPAddr: address(t), OpsAddr: address(t), Kafka: process.Kafka{KafkaBrokers: addr, KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(t.TempDir(), "seats")})
	d := openDesk(t, addr)

	ids := make([]domain.BookingID, 200)
	var all sync.WaitGroup
	for i := range ids {
		all.Add(1)
		go func() {
			defer all.Done()
			ids[i] = d.book(t, string(rune('A'+i%3)), 2)
		}()
	}
	all.Wait()
	if t.Failed() {
		return
	}

	holders := map[domain.SeatID]domain.BookingID{}
	states := map[rules.Status]int{}
	for _, id := range ids {
		b := d.answered(t, id)
		states[b.Status]++
		for _, seat := range b.Seats {
			if other, taken := holders[seat]; taken {
				t.Fatalf("seat %s has %s and %s", seat, other, id)
			}
			holders[seat] = id
		}
		if b.Status == rules.PendingPayment && (b.Hold == 0 || time.Until(b.ExpiresAt) < 14*time.Minute) {
			t.Errorf("%+v", b)
		}
	}
	// Three sections of 100 seats, two a booking: 50 bookings each.
	if fmt.Sprint(states) != "map[failed:50 pending_payment:150]" || len(holders) != 300 {
		t.Errorf("%v, %d seats", states, len(holders))
	}
}

// BenchmarkAcceptedToPending measures one booking after another, from the request to
// the row that waits for payment, or is FAILED once everything is sold. The row is
// polled every 2 ms.
func BenchmarkAcceptedToPending(b *testing.B) {
	broker, err := embeddedbroker.Start(b.TempDir(), 0)
	check(b, err)
	b.Cleanup(broker.Close)
	publishHall(b, broker.Addr())
	serve(b, reservation.Settings{Server: process.Server{HTTPAddr: address(b), OpsAddr: address(b), Kafka: process.Kafka{KafkaBrokers: broker.Addr(), KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(b.TempDir(), "seats")})
	d := openDesk(b, broker.Addr())
	d.answered(b, d.book(b, "A", 1)) // from here on the groups are joined
	for b.Loop() {
		d.answered(b, d.book(b, "A", 1))
	}
}
