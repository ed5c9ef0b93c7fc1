package kafkabus_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

func TestDeadLetters(t *testing.T) { onEachBroker(t, deadLetters) }

func deadLetters(t *testing.T, addr string) {
	c := connect(t, addr, message.SeatReservation)
	if _, err := c.Create(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	publisher, err := kafkabus.NewPublisher(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(publisher.Close)
	topic := kafkabus.Topic(1, message.BookingToFailed)
	produce(t, addr, topic, 3, "first", "\xff{", "third")
	bury := func(offset int64, raw []byte) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		defer cancel()
		letter := port.DeadLetter{Input: port.Input{Event: 1, Action: message.BookingToFailed, Partition: 3}, Offset: offset, Reason: "not_readable", Raw: raw}
		if err := publisher.Bury(ctx, letter); err != nil {
			t.Fatal(err)
		}
	}

	bury(1, nil)
	bury(2, []byte("as it was"))
	bury(0, nil)
	bury(99, nil)

	reader, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": addr, "group.id": "test", "auto.offset.reset": "earliest"})
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	letters := kafkabus.DeadLettersTopic
	if err := reader.Assign([]kafka.TopicPartition{{Topic: &letters, Offset: kafka.OffsetBeginning}}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []struct{ value, offset, reason string }{
		{"\xff{", "1", "not_readable"}, {"as it was", "2", "not_readable"}, {"first", "0", "not_readable"}, {"", "99", "no longer in its topic"},
	} {
		m, err := reader.ReadMessage(limit)
		if err != nil {
			t.Fatal(err)
		}
		headers := map[string]string{}
		for _, h := range m.Headers {
			headers[h.Key] = string(h.Value)
		}
		if string(m.Value) != want.value || headers["offset"] != want.offset || headers["topic"] != topic || headers["partition"] != "3" || headers["group"] != "event-id-1__booking-service-1" || !strings.Contains(headers["reason"], want.reason) {
			t.Errorf("letter %q of %v, want %+v", m.Value, headers, want)
		}
	}
}

// produce puts records on a partition.
func produce(t *testing.T, addr, topic string, partition int32, values ...string) {
	t.Helper()
	p, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": addr})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	reports := make(chan kafka.Event, 1)
	for _, v := range values {
		if err := p.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: partition}, Value: []byte(v)}, reports); err != nil {
			t.Fatal(err)
		}
		select {
		case e := <-reports:
			if m, ok := e.(*kafka.Message); !ok || m.TopicPartition.Error != nil {
				t.Fatal(e)
			}
		case <-time.After(limit):
			t.Fatal("not acknowledged")
		}
	}
}
