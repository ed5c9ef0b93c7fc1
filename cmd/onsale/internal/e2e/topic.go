package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// Topic returns the name of a topic of event 1.
func Topic(action, from, to string) string {
	return fmt.Sprintf("event-id-1______%s______%s___to___%s", action, from, to)
}

// ReadTopic reads a topic to its present end.
func (in *Installation) ReadTopic(t *testing.T, name string) []*kafka.Message {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": in.Kafka(), "group.id": "test", "enable.auto.commit": false, "auto.offset.reset": "earliest", "enable.metrics.push": false})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	found, err := c.GetMetadata(&name, false, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	left := int64(0)
	var at []kafka.TopicPartition
	for _, p := range found.Topics[name].Partitions {
		low, high, err := c.QueryWatermarkOffsets(name, p.ID, 10_000)
		if err != nil {
			t.Fatal(err)
		}
		left += high - low
		at = append(at, kafka.TopicPartition{Topic: &name, Partition: p.ID, Offset: kafka.OffsetBeginning})
	}
	if err := c.Assign(at); err != nil {
		t.Fatal(err)
	}
	var messages []*kafka.Message
	for int64(len(messages)) < left {
		m, err := c.ReadMessage(20 * time.Second)
		if err != nil {
			t.Fatalf("%s: %d of %d messages: %v", name, len(messages), left, err)
		}
		messages = append(messages, m)
	}
	return messages
}
