package reservation_test

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

// future is a booking-service of another version: it sends requests with a data
// version and a quantity of its own.
type future struct {
	producer *kafka.Producer
	version  int
	quantity string
}

func (f future) Send(e message.Envelope, done func(error)) {
	m := e.Body.(message.TicketReservedRequest)
	topic, reports := kafkabus.Topic(m.EventID, m.Action()), make(chan kafka.Event, 1)
	key, partition := kafkabus.Route(m.Action(), m.EventID, m.Section, e.Partition)
	value := fmt.Sprintf(`{"specversion": "1.0", "id": %q, "type": "TicketReservedRequest", "source": "booking-service", "time": "2027-01-01T00:00:00Z", "dataversion": %d,
		"data": {"event_id": %d, "booking_id": %q, "section": %q, "quantity": %s}}`, e.ID, f.version, m.EventID, m.BookingID, m.Section, f.quantity)
	err := f.producer.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: int32(partition)}, Key: []byte(key), Value: []byte(value)}, reports)
	if err != nil {
		done(err)
		return
	}
	done((<-reports).(*kafka.Message).TopicPartition.Error)
}

// A request of which only the booking can be read fails that booking. The section
// goes on.
func TestF19_PoisonFailsItsBookingOnRealParts(t *testing.T) { onEachBroker(t, poisonFails) }

func poisonFails(t *testing.T, addr string) {
	publishHall(t, addr)
	serve(t, reservation.Settings{Server: process.Server{HTTPAddr: address(t), OpsAddr: address(t), Kafka: process.Kafka{KafkaBrokers: addr, KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(t.TempDir(), "seats")})
	d := openDesk(t, addr)
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": addr})
	check(t, err)
	t.Cleanup(producer.Close)

	for _, unreadable := range []future{{producer, 2, "2"}, {producer, 1, `"two"`}, {producer, 1, "99"}} {
		d := d
		d.accept = d.asking(unreadable)
		if b := d.answered(t, d.book(t, "A", 2)); b.Status != rules.Failed || b.Failure != "not_processable" {
			t.Errorf("version %d, quantity %s: %s, %q", unreadable.version, unreadable.quantity, b.Status, b.Failure)
		}
	}
	if b := d.answered(t, d.book(t, "A", 2)); b.Status != rules.PendingPayment {
		t.Errorf("the section does not go on: %s, %q", b.Status, b.Failure)
	}
}
