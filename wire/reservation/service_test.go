package reservation_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/publish"
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

const limit = 30 * time.Second

// asker stands for booking-service: it asks for seats and gets the answers.
type asker struct {
	publisher *kafkabus.Publisher
	mu        sync.Mutex
	next      map[port.Input]int64
	answers   chan message.Message
}

func (a *asker) Assigned(_ context.Context, _ domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	from := map[port.Input]int64{}
	for input := range ends {
		from[input] = a.next[input]
	}
	return from, nil
}

func (a *asker) Revoked(domain.EventID, []port.Input) {}

func (a *asker) Deliver(_ context.Context, _ domain.EventID, batch []port.Delivery) error {
	for _, d := range batch {
		a.mu.Lock()
		a.next[d.Input] = d.Offset + 1
		a.mu.Unlock()
		a.answers <- d.Envelope.Body
	}
	return nil
}

func (a *asker) ask(t testing.TB, n, quantity int) {
	section := string(rune('A' + n%3))
	a.publisher.Send(message.Envelope{ID: fmt.Sprintf("ask-%d", n), Time: time.Now(), Partition: domain.Partition(n % 3),
		Body: message.TicketReservedRequest{EventID: 1, BookingID: bookingID(n), BuyerID: 42, Section: section, Mode: message.BestAvailable,
			Quantity: quantity, AllowPartial: true, UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}, RequestedAt: time.Now()}},
		func(err error) {
			if err != nil {
				t.Errorf("ask %d: %v", n, err)
			}
		})
}

func bookingID(n int) domain.BookingID { return domain.BookingID{0: 1, 14: byte(n >> 8), 15: byte(n)} }

// publishHall publishes an event of three sections with 100 seats each.
func publishHall(t testing.TB, addr string) *kafkabus.Publisher {
	t.Helper()
	ctx, log := t.Context(), slog.New(slog.NewTextHandler(t.Output(), nil))
	tickets, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: addr, ServerID: "t", Service: message.EventTicketing, Log: log})
	check(t, err)
	t.Cleanup(tickets.Close)
	topicID, err := tickets.Create(ctx, 1)
	check(t, err)
	publisher, err := kafkabus.NewPublisher(tickets)
	check(t, err)
	t.Cleanup(publisher.Close)
	event := ticketing.CatalogueEvent{ID: 1, Revision: 1, JournalTopicID: topicID, Currency: "EUR", MaxTickets: 4}
	var init []message.Envelope
	for i := range 3 {
		layout := seating.SectionLayout{Name: string(rune('A' + i)), Subsections: []seating.Subsection{seating.Regular(1, 10, 10)}}
		event.Sections = append(event.Sections, ticketing.CatalogueSection{Layout: layout, Price: 100})
		init = append(init, message.Envelope{ID: "init-" + layout.Name, Time: time.Now(), Partition: domain.SectionPartition(i),
			Body: message.InitializeSeats{EventID: 1, Layout: layout}})
	}
	check(t, publish.All(ctx, publisher, init))
	catalogue, err := kafkabus.NewCatalogue(tickets)
	check(t, err)
	background(t, catalogue.Run)
	check(t, catalogue.PublishEvent(ctx, event))
	return publisher
}

// newAsker joins the groups of booking-service.
func newAsker(t testing.TB, addr string, publisher *kafkabus.Publisher) *asker {
	t.Helper()
	ctx, log := t.Context(), slog.New(slog.NewTextHandler(t.Output(), nil))
	bookings, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: addr, ServerID: "b", Service: message.BookingService, Log: log})
	check(t, err)
	t.Cleanup(bookings.Close)
	catalogue, err := kafkabus.NewCatalogue(bookings)
	check(t, err)
	a := &asker{publisher: publisher, next: map[port.Input]int64{}, answers: make(chan message.Message, 10_000)}
	background(t, catalogue.Run)
	background(t, kafkabus.NewConsumers(bookings, a, memory.NewWakes(memory.NewWakeLog(), catalogue, message.BookingService, time.Hour)).Run)
	return a
}

func background(t testing.TB, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	var once sync.Once
	stop = func() { once.Do(func() { cancel(); <-done }) }
	t.Cleanup(stop)
	return stop
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func address(t testing.TB) string {
	ports, err := supervisor.FreePorts(1)
	check(t, err)
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(ports[0]))
}

// serve runs the service until stop.
func serve(t testing.TB, s reservation.Settings) (stop func()) {
	service, release, err := reservation.New(t.Context(), s, slog.New(slog.NewTextHandler(t.Output(), nil)))
	check(t, err)
	end := background(t, service.Run)
	var once sync.Once
	stop = func() { once.Do(func() { end(); release() }) }
	t.Cleanup(stop)
	return stop
}

// ready waits for /readyz.
func ready(t testing.TB, addr string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); time.Now().Before(end); <-tick.C {
		resp, err := http.Get("http://" + addr + "/readyz")
		if err != nil {
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return
		}
	}
	t.Fatalf("not ready within %s", limit)
}

func (a *asker) answer(t testing.TB) message.Message {
	t.Helper()
	select {
	case m := <-a.answers:
		return m
	case <-time.After(limit):
		t.Fatalf("no answer within %s", limit)
		return nil
	}
}

// onEachBroker runs a test on a broker of its own of each kind.
func onEachBroker(t *testing.T, test func(t *testing.T, addr string)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) {
		broker, err := embeddedbroker.Start(t.TempDir(), 0)
		check(t, err)
		t.Cleanup(broker.Close)
		test(t, broker.Addr())
	})
	t.Run("apache", func(t *testing.T) { test(t, teststores.NewKafka(t).Addr()) })
}

func TestSeatsAreHeldOnRealParts(t *testing.T) { onEachBroker(t, seatsAreHeld) }

func seatsAreHeld(t *testing.T, addr string) {
	a := newAsker(t, addr, publishHall(t, addr))
	settings := reservation.Settings{Server: process.Server{HTTPAddr: address(t), OpsAddr: address(t), Kafka: process.Kafka{KafkaBrokers: addr, KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(t.TempDir(), "seats")}
	stop := serve(t, settings)

	holders := map[domain.SeatID]domain.BookingID{}
	answered := map[domain.BookingID]bool{} // repeats are answered again, after a restart too
	collect := func(n int) (held, refused int) {
		for range n {
			switch m := a.answer(t).(type) {
			case message.BookingUpdatedToPendingPayment:
				held++
				answered[m.BookingID] = true
				for _, seat := range m.Seats {
					if other, taken := holders[seat]; taken && other != m.BookingID {
						t.Fatalf("seat %s is held by %s and %s", seat, other, m.BookingID)
					}
					holders[seat] = m.BookingID
				}
			case message.BookingUpdatedToFailed:
				refused++
				answered[m.BookingID] = true
				if m.Reason != "sold_out" {
					t.Errorf("refused for %q", m.Reason)
				}
			}
		}
		return held, refused
	}
	for n := range 90 {
		a.ask(t, n, 2)
	}
	if held, refused := collect(90); held != 90 || refused != 0 || len(holders) != 180 {
		t.Fatalf("%d held, %d refused, %d seats", held, refused, len(holders))
	}

	t.Run("a repeat gets its first answer again", func(t *testing.T) {
		a.ask(t, 5, 4)
		if held, _ := collect(1); held != 1 || len(holders) != 180 {
			t.Fatalf("%d held, %d seats", held, len(holders))
		}
	})
	t.Run("the seats are counted over HTTP", func(t *testing.T) {
		ready(t, settings.OpsAddr)
		resp, err := http.Get("http://" + settings.HTTPAddr + "/v1/events/1/seats")
		check(t, err)
		defer resp.Body.Close()
		var body struct {
			Sections []struct {
				Name        string
				Subsections []struct{ Available, Reserved, Sold int }
			}
		}
		check(t, json.NewDecoder(resp.Body).Decode(&body))
		for _, s := range body.Sections {
			if c := s.Subsections[0]; c.Available != 40 || c.Reserved != 60 || c.Sold != 0 {
				t.Errorf("section %s: %+v", s.Name, c)
			}
		}
		if len(body.Sections) != 3 {
			t.Errorf("%d sections", len(body.Sections))
		}
	})
	t.Run("a restart goes on where it was, also without RocksDB", func(t *testing.T) {
		stop()
		check(t, os.RemoveAll(settings.DataDir))
		stop = serve(t, settings)
		for n := 90; n < 180; n++ {
			a.ask(t, n, 2)
		}
		for len(answered) < 180 {
			collect(1)
		}
		if len(holders) != 300 {
			t.Fatalf("%d seats are held of 300", len(holders))
		}
	})
}
