package kafkabus_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

const limit = 20 * time.Second

// broker is a broker of the test's own.
func broker(t *testing.T) string {
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

// start runs something until the test ends, and waits for its end.
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

// until asks every few milliseconds, for what tells nobody when it happens.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// inbox keeps what is delivered and answers what it is told to.
type inbox struct {
	mu        sync.Mutex
	next      map[port.Input]int64
	failOnce  error
	assigned  chan int
	delivered chan port.Delivery
}

func newInbox() *inbox {
	return &inbox{next: map[port.Input]int64{}, assigned: make(chan int, 100), delivered: make(chan port.Delivery, 10_000)}
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

func (b *inbox) Revoked(domain.EventID, []port.Input) {}

func (b *inbox) Deliver(_ context.Context, _ domain.EventID, batch []port.Delivery) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.failOnce; err != nil {
		b.failOnce = nil
		return err
	}
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

func TestConsumers(t *testing.T) {
	addr := broker(t)
	seats, bookings := connect(t, addr, message.SeatReservation), connect(t, addr, message.BookingService)
	topicID, err := seats.Create(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
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
	stop := start(t, kafkabus.NewConsumers(bookings, in, catalogue).Run)
	if n := receive(t, in.assigned, "assignment"); n != 20 {
		t.Fatalf("%d inputs were assigned, two topics have twenty partitions", n)
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
		if err := port.PublishAll(t.Context(), publisher, []message.Envelope{failed(100)}); err != nil {
			t.Fatal(err)
		}
		receive(t, in.assigned, "second assignment")
		if d := receive(t, in.delivered, "message"); d.Envelope.ID != "failed-100" {
			t.Fatalf("got %+v", d)
		}
	})
	t.Run("go on where they were after a restart", func(t *testing.T) {
		stop()
		if err := port.PublishAll(t.Context(), publisher, []message.Envelope{failed(101)}); err != nil {
			t.Fatal(err)
		}
		start(t, kafkabus.NewConsumers(bookings, in, catalogue).Run)
		receive(t, in.assigned, "assignment")
		if d := receive(t, in.delivered, "message"); d.Envelope.ID != "failed-101" {
			t.Fatalf("got %+v", d)
		}
	})
}

// reader passes on what it reads.
type reader chan journal.Entry

func (r reader) Read(_ domain.EventID, _ domain.Partition, entries []journal.Entry) {
	for _, e := range entries {
		r <- e
	}
}

func TestJournal(t *testing.T) {
	c := connect(t, broker(t), message.SeatReservation)
	topicID, err := c.Create(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	j, err := kafkabus.NewJournal(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	from := map[domain.Partition]int64{}
	for p := range domain.Partition(domain.Partitions) {
		from[p] = 0
	}
	read := make(reader, 1000)
	start(t, func(ctx context.Context) error { return j.Follow(ctx, 1, topicID, from, read) })
	record := func(n int) journal.Record {
		return journal.Record{Kind: journal.SeatsReserved, Seq: uint64(n), Section: "A", Seats: []seating.Index{seating.Index(n)}, Cause: journal.Cause{Offset: 1}}
	}

	for n := range 50 {
		j.Append(1, 3, record(n), func(err error) {
			if err != nil {
				t.Error(err)
			}
		})
	}
	for n := range 50 {
		if e := receive(t, read, "entry"); e.Offset != int64(n) || e.Record.Seq != uint64(n) || e.Damaged != nil {
			t.Fatalf("entry %d: %+v", n, e)
		}
	}

	var got []int64
	collect := func(e journal.Entry) { got = append(got, e.Offset) }
	if err := j.Range(t.Context(), 1, 3, 10, 13, collect); err != nil || fmt.Sprint(got) != "[10 11 12]" {
		t.Fatalf("range: %v %v", got, err)
	}
	if err := j.Range(t.Context(), 1, 3, 49, 51, collect); err == nil {
		t.Fatal("a range past the end gave no error")
	}
	if err := j.Follow(t.Context(), 1, "another", from, read); err == nil {
		t.Fatal("a journal with another topic id was followed")
	}
}

func TestCatalogueFindsWhatWasJustPublished(t *testing.T) {
	addr := broker(t)
	writer, err := kafkabus.NewCatalogue(connect(t, addr, message.EventTicketing))
	if err != nil {
		t.Fatal(err)
	}
	start(t, writer.Run)
	view, err := kafkabus.NewCatalogue(connect(t, addr, message.BookingService))
	if err != nil {
		t.Fatal(err)
	}
	start(t, view.Run)
	arrived := make(chan ticketing.CatalogueEvent, 100)
	start(t, func(ctx context.Context) error {
		return view.Follow(ctx, func(e ticketing.CatalogueEvent) { arrived <- e })
	})
	for id := domain.EventID(1); id <= 20; id++ {
		e := ticketing.CatalogueEvent{ID: id, Revision: 2, Name: "two", Sections: []ticketing.CatalogueSection{{Price: 5}}}
		if err := writer.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		if id == 1 {
			receive(t, arrived, "first event")
			until(t, "the view was read whole", view.Ready)
		}
		if got, err := view.Event(t.Context(), id); err != nil || got.Name != "two" {
			t.Fatalf("event %d right after it was published: %+v %v", id, got, err)
		}
		if err := writer.PublishEvent(t.Context(), ticketing.CatalogueEvent{ID: id, Revision: 1, Name: "one"}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := view.Event(t.Context(), 99); err == nil {
		t.Fatal("an event that nobody published was found")
	}
	if got, err := view.Event(t.Context(), 1); err != nil || got.Name != "two" {
		t.Fatalf("a smaller revision was taken: %+v %v", got, err)
	}
}

func TestEndedSessionsAreKnownElsewhere(t *testing.T) {
	addr := broker(t)
	open := func(s message.Service) *kafkabus.EndedSessions {
		e, err := kafkabus.NewEndedSessions(connect(t, addr, s))
		if err != nil {
			t.Fatal(err)
		}
		start(t, e.Run)
		return e
	}
	here, there := open(message.EventTicketing), open(message.BookingService)
	if err := here.End(t.Context(), "session-1", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	until(t, "the other server knows", func() bool { return there.Ended("session-1") })
	if there.Ended("session-2") {
		t.Error("a session that goes on counts as ended")
	}
}
