package operations_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// broken is a stopped installation whose stores a test changes.
type broken struct {
	*testing.T
	in       *e2e.Installation
	postgres *pgx.Conn // of booking-service
	tickets  *pgx.Conn // of event-ticketing-service
	broker   string
}

// breakIn starts the stores of an installation that is down, for change.
func breakIn(t *testing.T, in *e2e.Installation, change func(*broken)) {
	t.Helper()
	c := supervisor.Config{DataDir: in.Data, Bin: in.Bin}
	stores, err := supervisor.New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer stores.Stop()
	if err := stores.StartStores(t.Context()); err != nil {
		t.Fatal(err)
	}
	b := &broken{T: t, in: in, broker: stores.Record().Kafka}
	for service, conn := range map[string]**pgx.Conn{supervisor.Bookings: &b.postgres, supervisor.Ticketing: &b.tickets} {
		url, err := c.DatabaseURL(service)
		if err != nil {
			t.Fatal(err)
		}
		if *conn, err = pgx.Connect(t.Context(), url); err != nil {
			t.Fatal(err)
		}
		defer (*conn).Close(t.Context())
	}
	change(b)
}

// sql changes exactly one row of booking-service.
func (b *broken) sql(statement string, args ...any) {
	b.Helper()
	tag, err := b.postgres.Exec(b.Context(), statement, args...)
	if err != nil || tag.RowsAffected() != 1 {
		b.Fatalf("%s: %d rows, %v", statement, tag.RowsAffected(), err)
	}
}

// ticketSQL changes rows of event-ticketing-service.
func (b *broken) ticketSQL(statement string) {
	b.Helper()
	if tag, err := b.tickets.Exec(b.Context(), statement); err != nil || tag.RowsAffected() == 0 {
		b.Fatalf("%s: %d rows, %v", statement, tag.RowsAffected(), err)
	}
}

// again sends a message about a booking once more, with a change.
func (b *broken) again(topic string, about e2e.Booking, from, to string) {
	b.Helper()
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": b.broker, "enable.metrics.push": false})
	if err != nil {
		b.Fatal(err)
	}
	defer producer.Close()
	for _, m := range b.read(topic) {
		if !bytes.Contains(m.Value, []byte(about.ID)) {
			continue
		}
		changed := regexp.MustCompile(from).ReplaceAll(m.Value, []byte(to))
		if bytes.Equal(changed, m.Value) {
			b.Fatalf("no %s in %s", from, m.Value)
		}
		reports := make(chan kafka.Event, 1)
		place := kafka.TopicPartition{Topic: &topic, Partition: m.TopicPartition.Partition}
		if err := producer.Produce(&kafka.Message{TopicPartition: place, Key: m.Key, Value: changed}, reports); err != nil {
			b.Fatal(err)
		}
		if sent := (<-reports).(*kafka.Message); sent.TopicPartition.Error != nil {
			b.Fatal(sent.TopicPartition.Error)
		}
		return
	}
	b.Fatalf("%s has no message about %s", topic, about.ID)
}

func (b *broken) read(topic string) (messages []*kafka.Message) {
	b.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": b.broker, "group.id": "test", "enable.auto.commit": false, "enable.metrics.push": false})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	var at []kafka.TopicPartition
	left := int64(0)
	for p := range int32(domain.Partitions) {
		low, high, err := c.QueryWatermarkOffsets(topic, p, 10_000)
		if err != nil {
			b.Fatal(err)
		}
		left += high - low
		at = append(at, kafka.TopicPartition{Topic: &topic, Partition: p, Offset: kafka.OffsetBeginning})
	}
	if err := c.Assign(at); err != nil {
		b.Fatal(err)
	}
	for int64(len(messages)) < left {
		m, err := c.ReadMessage(-1)
		if err != nil {
			b.Fatal(err)
		}
		messages = append(messages, m)
	}
	return messages
}

// seats changes RocksDB.
func (b *broken) seats(change func(*rocksstore.Seats)) {
	b.Helper()
	store, err := rocksstore.Open(filepath.Join(b.in.Data, "seats"), slog.New(slog.DiscardHandler))
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	change(store)
}

// outcome writes an outcome of event 1 into RocksDB.
func (b *broken) outcome(id string, change func(port.SeatSnapshot, *port.Outcome)) {
	b.Helper()
	b.seats(func(store *rocksstore.Seats) {
		booking, ok := domain.ParseBookingID(id)
		o, found, err := store.Outcome(1, booking)
		if !ok || err != nil {
			b.Fatal(id, err)
		}
		if !found {
			o.BookingID = booking
		}
		snapshot, found, err := store.Load(1, 0)
		if !found || err != nil {
			b.Fatal(err)
		}
		change(snapshot, &o)
		if err := store.Write(port.SeatBatch{Event: 1, Partition: 0, SeatFold: snapshot.SeatFold, Outcomes: []port.Outcome{o}}); err != nil {
			b.Fatal(err)
		}
	})
}

// An installation is stopped at rest. Then one record after the other is broken
// in its stores, each about another booking, and verify names all of them.
func TestVerifyFinds(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	ask := func(fields map[string]any) e2e.Booking {
		fields["event_id"] = event
		return buyer.Answered(buyer.Book(fields).ID)
	}
	best := func() e2e.Booking {
		return ask(map[string]any{"section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	}
	byHand := func(seats ...string) e2e.Booking {
		return ask(map[string]any{"section": "B", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": seats})
	}
	pay := func(b e2e.Booking) e2e.Booking {
		buyer.OK("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}, 200, nil)
		return b
	}
	cancel := func(b e2e.Booking) e2e.Booking {
		buyer.OK("POST", "/v1/bookings/"+b.ID+"/cancellation", nil, 200, nil)
		return b
	}
	held := byHand("1-1", "1-2")
	failed := func() e2e.Booking { return byHand("1-1") }
	const unknown = "01890000-0000-7000-8000-000000000000"
	reserved := e2e.Topic("update-ticket-status-to-reserved-in-postgresql", "seat-reservation-service", "event-ticketing-service")
	requests := e2e.Topic("ticket-reserving-request-in-rocksdb", "booking-service", "seat-reservation-service")
	type wrong struct {
		about      e2e.Booking
		does       func(*broken, e2e.Booking)
		invariant  string
		must, also string // what the line of the violation says
	}
	cases := map[string]wrong{
		"the row of a failed booking is gone": {failed(), func(b *broken, of e2e.Booking) { b.sql("DELETE FROM bookings WHERE id = $1", of.ID) },
			"I9", "has no row", ""},
		"the row of a booking that gave its seats back is gone": {cancel(best()), func(b *broken, of e2e.Booking) { b.sql("DELETE FROM bookings WHERE id = $1", of.ID) },
			"I9", "has no row", ""},
		"another reason of a failure in a row": {failed(), func(b *broken, of e2e.Booking) {
			b.sql("UPDATE bookings SET failure = 'sold_out' WHERE id = $1", of.ID)
		}, "I11", "failure sold_out, not seats_taken", ""},
		"another buyer in a row": {best(), func(b *broken, of e2e.Booking) { b.sql("UPDATE bookings SET buyer_id = 1 WHERE id = $1", of.ID) },
			"I11", "differs from the journal", "buyer 1, not"},
		"another price in a row":    {best(), func(b *broken, of e2e.Booking) { b.sql("UPDATE bookings SET unit_price = 1 WHERE id = $1", of.ID) }, "I11", "differs from the journal", "price {1 EUR}, not {5000 EUR}"},
		"another currency in a row": {best(), func(b *broken, of e2e.Booking) { b.sql("UPDATE bookings SET currency = 'USD' WHERE id = $1", of.ID) }, "I11", "differs from the journal", "price {5000 USD}"},
		"fewer seats than all or nothing allows": {best(), func(b *broken, of e2e.Booking) {
			b.sql("UPDATE bookings SET allow_partial = false, quantity = 3 WHERE id = $1", of.ID)
		}, "I11", "asked for 3 seats or none and was given 2", ""},
		"seats by hand that were not asked for": {byHand("2-1"), func(b *broken, of e2e.Booking) {
			b.sql("UPDATE bookings SET positions = '{2-2}' WHERE id = $1", of.ID)
		}, "I11", "by hand and was given B-1-2-1", ""},
		"seats of another subsection": {best(), func(b *broken, of e2e.Booking) { b.sql("UPDATE bookings SET subsection = 2 WHERE id = $1", of.ID) },
			"I11", "asked for subsection 2", ""},
		"a payment window of another length": {best(), func(b *broken, of e2e.Booking) {
			b.sql("UPDATE bookings SET expires_at = expires_at - interval '1 minute' WHERE id = $1", of.ID)
		}, "I7", "has a payment window of 15m0s", ""},
		"a captured payment that the row calls voided": {pay(best()), func(b *broken, of e2e.Booking) {
			b.sql("UPDATE payments SET status = 'voided' WHERE booking_id = $1", of.ID)
		}, "I13", "is voided, the book says \"captured\"", ""},
		"a payment of another amount than in the book": {pay(best()), func(b *broken, of e2e.Booking) {
			b.sql("UPDATE payments SET amount = amount - 1 WHERE booking_id = $1", of.ID)
		}, "I13", "is over 99.99 EUR", "the book says 100.00 EUR"},
		"a message that names another buyer": {best(), func(b *broken, of e2e.Booking) { b.again(reserved, of, `"buyer_id":\d+`, `"buyer_id":1`) },
			"I11", "SeatUpdatedToReserved of booking", "buyer 1, not"},
		"a refusal although a seat was free": {failed(), func(b *broken, of e2e.Booking) {
			b.again(requests, of, `"seat_positions":\["1-1"\]`, `"seat_positions":["5-10"]`)
		},
			"I11", "as ReservationRefused seats_taken, the rules say seats B-1-5-10", ""},
		"an outcome beyond what RocksDB has read": {e2e.Booking{ID: unknown}, func(b *broken, of e2e.Booking) {
			b.outcome(of.ID, func(s port.SeatSnapshot, o *port.Outcome) { o.Offset = s.Fold.Next })
		}, "I2", "beyond what RocksDB of server 1 has read", ""},
		"an outcome with other seats": {best(), func(b *broken, of e2e.Booking) {
			b.outcome(of.ID, func(_ port.SeatSnapshot, o *port.Outcome) { o.Seats = o.Seats[:1] })
		}, "I2", "differs from the journal: [seats", ""},
		"revenue that nobody paid": {e2e.Booking{}, func(b *broken, _ e2e.Booking) {
			b.ticketSQL("INSERT INTO ticket_deltas (event_id, section, available, reserved, sold, revenue, at) VALUES (1, 1, 0, 0, 0, 1, '2001-01-01T10:00:00Z')")
		}, "I10", "event 1 section B: tickets were sold for 0, the sums say", ""},
		"a sale that is told of another minute": {e2e.Booking{}, func(b *broken, _ e2e.Booking) {
			b.ticketSQL(`INSERT INTO ticket_deltas (event_id, section, available, reserved, sold, revenue, at) VALUES
				(1, 0, 0, 0, 1, 5000, '2001-01-01T09:00:00Z'), (1, 0, 0, 0, -1, -5000, '2001-01-01T08:00:00Z')`)
		}, "I10", "event 1 at 2001-01-01T09:00:00Z: 0 tickets were sold for 0, the sums say 1 for 5000", ""},
	}
	if held.Status != "pending_payment" || cases["the row of a failed booking is gone"].about.Status != "failed" {
		t.Fatalf("%+v %+v", held, cases)
	}
	in.Verify()
	in.Down()
	if out, code := in.Onsale("verify", "--data-dir", in.Data); code != 0 {
		t.Fatalf("exit %d before anything is broken:\n%s", code, out)
	}

	breakIn(t, in, func(b *broken) {
		for _, c := range cases {
			c.does(b, c.about)
		}
	})
	out, code := in.Onsale("verify", "--data-dir", in.Data)

	if code != 1 {
		t.Errorf("exit %d", code)
	}
	t.Log(out)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if !strings.Contains(out, fmt.Sprintf("  %-4s VIOLATED", c.invariant)) {
				t.Errorf("%s is not violated", c.invariant)
			}
			for line := range strings.Lines(out) {
				if strings.Contains(line, c.about.ID) && strings.Contains(line, c.must) && strings.Contains(line, c.also) {
					return
				}
			}
			t.Errorf("no line says %q and %q of booking %s", c.must, c.also, c.about.ID)
		})
	}
}
