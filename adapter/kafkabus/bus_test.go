package kafkabus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/adapter/supervisor/teststores"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/porttest"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

const limit = time.Minute

// awake is a view in which all events are awake.
func awake(c port.Catalogue) port.Wakes {
	return memory.NewWakes(memory.NewWakeLog(), c, message.BookingService, time.Hour)
}

// onEachBroker runs a test on each kind of broker, with a broker of its own.
func onEachBroker(t *testing.T, test func(t *testing.T, addr string)) {
	t.Helper()
	t.Run("embedded", func(t *testing.T) { test(t, embedded(t)) })
	t.Run("apache", func(t *testing.T) { test(t, teststores.NewKafka(t).Addr()) })
}

// embedded starts an embedded broker and returns its address.
func embedded(t *testing.T) string {
	t.Helper()
	b, err := embeddedbroker.Start(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b.Addr()
}

func connect(t *testing.T, addr string, s message.Service) *kafkabus.Cluster {
	t.Helper()
	c, err := kafkabus.Connect(t.Context(), kafkabus.Config{Brokers: addr, ServerID: "s1", Service: s, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// start runs a function until the test ends, and waits for it to return.
func start(t *testing.T, run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			<-done
		})
	}
	t.Cleanup(stop)
	return stop
}

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(limit):
		t.Fatalf("no %s within %s", what, limit)
		panic("unreachable")
	}
}

// inbox keeps what is delivered, and fails once if it is told to.
type inbox struct {
	mu        sync.Mutex
	next      map[port.Input]int64
	failOnce  error
	last      int // messages of the last batch
	assigned  chan int
	revoked   chan struct{}
	delivered chan port.Delivery
}

func newInbox() *inbox {
	return &inbox{next: map[port.Input]int64{}, assigned: make(chan int, 100), revoked: make(chan struct{}, 100), delivered: make(chan port.Delivery, 10_000)}
}

func (b *inbox) Assigned(_ context.Context, _ domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	from := map[port.Input]int64{}
	for input := range ends {
		from[input] = b.next[input]
	}
	b.assigned <- len(ends)
	return from, nil
}

func (b *inbox) Revoked(domain.EventID, []port.Input) { b.revoked <- struct{}{} }

func (b *inbox) Deliver(_ context.Context, _ domain.EventID, batch []port.Delivery) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.failOnce; err != nil {
		b.failOnce = nil
		return err
	}
	b.last = len(batch)
	for _, d := range batch {
		if d.Offset != b.next[d.Input] {
			return fmt.Errorf("offset %d, expected %d", d.Offset, b.next[d.Input])
		}
		b.next[d.Input] = d.Offset + 1
		b.delivered <- d
	}
	return nil
}

func failed(n int) message.Envelope {
	id := domain.BookingID{14: byte(n >> 8), 15: byte(n)}
	return message.Envelope{ID: fmt.Sprintf("failed-%d", n), Time: time.Unix(1_800_000_000, 0), Partition: 1,
		Body: message.BookingUpdatedToFailed{EventID: 1, BookingID: id, Section: "A", Reason: "sold_out"}}
}

// addPartition adds a partition to a topic, as somebody may do with Kafka's tools. It
// belongs to no section.
func addPartition(t *testing.T, addr, topic string) {
	t.Helper()
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": addr})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	done, err := admin.CreatePartitions(t.Context(), []kafka.PartitionsSpecification{{Topic: topic, IncreaseTo: domain.Partitions + 1}})
	if err != nil || done[0].Error.Code() != kafka.ErrNoError {
		t.Fatal(err, done)
	}
}

func TestConsumers(t *testing.T) { onEachBroker(t, consumers) }

func consumers(t *testing.T, addr string) {
	seats, bookings := connect(t, addr, message.SeatReservation), connect(t, addr, message.BookingService)
	topicID, err := seats.Create(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	addPartition(t, addr, kafkabus.Topic(1, message.BookingToFailed))
	publisher, err := kafkabus.NewPublisher(seats)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(publisher.Close)
	catalogue, err := kafkabus.NewCatalogue(bookings)
	if err != nil {
		t.Fatal(err)
	}
	start(t, catalogue.Run)
	if err := catalogue.PublishEvent(t.Context(), ticketing.CatalogueEvent{ID: 1, Revision: 1, JournalTopicID: topicID}); err != nil {
		t.Fatal(err)
	}
	in := newInbox()
	stop := start(t, kafkabus.NewConsumers(bookings, in, awake(catalogue)).Run)
	if n := receive(t, in.assigned, "assignment"); n != 20 {
		t.Fatalf("%d inputs were assigned, two topics have ten sections' partitions each", n)
	}

	t.Run("deliver in order what is published", func(t *testing.T) {
		for n := range 100 {
			publisher.Send(failed(n), func(err error) {
				if err != nil {
					t.Error(err)
				}
			})
		}
		for n := range 100 {
			d := receive(t, in.delivered, "message")
			if d.Poison != nil || d.Envelope.ID != fmt.Sprintf("failed-%d", n) || d.Input.Partition != 1 {
				t.Fatalf("message %d: %+v", n, d)
			}
		}
	})
	t.Run("deliver again after an error, from where the inbox says", func(t *testing.T) {
		in.mu.Lock()
		in.failOnce = fmt.Errorf("not now")
		in.mu.Unlock()
		if err := publish.All(t.Context(), publisher, []message.Envelope{failed(100)}); err != nil {
			t.Fatal(err)
		}
		receive(t, in.assigned, "second assignment")
		if d := receive(t, in.delivered, "message"); d.Envelope.ID != "failed-100" {
			t.Fatalf("got %+v", d)
		}
	})
	t.Run("go on where they were after a restart", func(t *testing.T) {
		stop()
		if err := publish.All(t.Context(), publisher, []message.Envelope{failed(101)}); err != nil {
			t.Fatal(err)
		}
		stop = start(t, kafkabus.NewConsumers(bookings, in, awake(catalogue)).Run)
		receive(t, in.assigned, "assignment")
		if d := receive(t, in.delivered, "message"); d.Envelope.ID != "failed-101" {
			t.Fatalf("got %+v", d)
		}
	})
	t.Run("gather what arrives one by one, for a patient inbox", func(t *testing.T) {
		stop()
		stop = start(t, kafkabus.NewConsumers(bookings, in, awake(catalogue)).Patient(2*time.Second).Run)
		receive(t, in.assigned, "assignment")
		for n := 102; n < 105; n++ {
			if err := publish.All(t.Context(), publisher, []message.Envelope{failed(n)}); err != nil {
				t.Fatal(err)
			}
		}
		for range 3 {
			receive(t, in.delivered, "message")
		}
		if in.mu.Lock(); in.last != 3 {
			t.Errorf("the last batch has %d messages", in.last)
		}
		in.mu.Unlock()
	})
	t.Run("leave the group of an event that sleeps, and join it again when it wakes", func(t *testing.T) {
		stop()
		log := memory.NewWakeLog()
		c := kafkabus.NewConsumers(bookings, in, memory.NewWakes(log, catalogue, message.BookingService, time.Hour))
		start(t, c.Run)
		receive(t, in.assigned, "assignment")
		for len(in.revoked) > 0 { // of memberships before
			<-in.revoked
		}
		sleep(t, log, catalogue)
		receive(t, in.revoked, "revocation")
		if err := publish.All(t.Context(), publisher, []message.Envelope{failed(105)}); err != nil {
			t.Fatal(err)
		}
		if err := c.Ready(); err != nil {
			t.Errorf("it is not ready while its event sleeps: %v", err)
		}
		if err := memory.NewWakes(log, catalogue, message.BookingService, time.Hour).Wake(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		receive(t, in.assigned, "assignment of the event that woke")
		if d := receive(t, in.delivered, "message"); d.Envelope.ID != "failed-105" {
			t.Fatalf("got %+v", d)
		}
	})
}

// sleep lets all services rest about event 1 until it sleeps.
func sleep(t *testing.T, log *memory.WakeLog, c port.Catalogue) {
	t.Helper()
	for range 2 {
		for _, s := range []message.Service{message.BookingService, message.SeatReservation, message.EventTicketing} {
			v := memory.NewWakes(log, c, s, time.Hour)
			_, after := v.Tired(0)
			if err := v.Rest(t.Context(), 1, after, 0); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestJournal(t *testing.T) { onEachBroker(t, aJournal) }

func aJournal(t *testing.T, addr string) {
	c := connect(t, addr, message.SeatReservation)
	topicID, err := c.Create(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	j, err := kafkabus.NewJournal(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	porttest.Journal(t, j, topicID)
	t.Run("refuses a topic that is not there", func(t *testing.T) {
		if err := j.Recognise(t.Context(), 99, topicID); !errors.Is(err, port.ErrOtherJournal) {
			t.Error(err)
		}
	})
}

func TestCatalogue(t *testing.T) { onEachBroker(t, catalogues) }

func catalogues(t *testing.T, addr string) {
	open := func(s message.Service) *kafkabus.Catalogue {
		c, err := kafkabus.NewCatalogue(connect(t, addr, s))
		if err != nil {
			t.Fatal(err)
		}
		start(t, c.Run)
		return c
	}
	porttest.Catalogue(t, open(message.EventTicketing), open(message.BookingService))
}

func TestWakes(t *testing.T) { onEachBroker(t, wakes) }

func wakes(t *testing.T, addr string) {
	var views [3]porttest.WakeView
	var writer *kafkabus.Catalogue
	for i, s := range []message.Service{message.BookingService, message.SeatReservation, message.EventTicketing} {
		cluster := connect(t, addr, s)
		catalogue, err := kafkabus.NewCatalogue(cluster)
		if err != nil {
			t.Fatal(err)
		}
		publisher, err := kafkabus.NewPublisher(cluster)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(publisher.Close)
		v, err := kafkabus.NewWakes(cluster, publisher, catalogue, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		start(t, catalogue.Run)
		start(t, v.Run)
		views[i], writer = v, catalogue
	}
	porttest.Wakes(t, writer, views)
}

func TestEndedSessions(t *testing.T) { onEachBroker(t, endedSessions) }

func endedSessions(t *testing.T, addr string) {
	open := func(s message.Service) *kafkabus.EndedSessions {
		e, err := kafkabus.NewEndedSessions(connect(t, addr, s))
		if err != nil {
			t.Fatal(err)
		}
		start(t, e.Run)
		return e
	}
	porttest.EndedSessions(t, open(message.EventTicketing), open(message.BookingService))
}
