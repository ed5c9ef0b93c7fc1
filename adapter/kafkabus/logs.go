package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Logs reads whole topics, without a group.
type Logs struct{ cluster *Cluster }

var _ port.Logs = (*Logs)(nil)

// NewLogs returns the logs of a cluster.
func NewLogs(c *Cluster) *Logs { return &Logs{c} }

// Journal calls fn with each entry of the seat journal of an event.
func (l *Logs) Journal(ctx context.Context, event domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	return l.read(ctx, JournalTopic(event), domain.Partitions, func(m *kafka.Message) {
		fn(domain.Partition(m.TopicPartition.Partition), entry(m))
	})
}

// Messages reads the messages of an action. It does not know which partition a
// section belongs to: a record whose key agrees with its partition is no poison,
// even if the section belongs elsewhere.
func (l *Logs) Messages(ctx context.Context, event domain.EventID, action message.Action, fn func(port.Delivery)) error {
	return l.read(ctx, Topic(event, action), domain.Partitions, func(m *kafka.Message) {
		fn(delivery(port.Input{Event: event, Action: action, Partition: domain.Partition(m.TopicPartition.Partition), Cluster: l.cluster.id}, nil, m))
	})
}

// Ends returns the id of an action's topic and the ends of its partitions.
func (l *Logs) Ends(ctx context.Context, event domain.EventID, action message.Action) (string, map[domain.Partition]int64, error) {
	topic := Topic(event, action)
	ids, err := l.cluster.ids(ctx, []string{topic})
	if err != nil {
		return "", nil, err
	}
	var all []kafka.TopicPartition
	for p := range int32(domain.Partitions) {
		all = append(all, kafka.TopicPartition{Topic: &topic, Partition: p})
	}
	found, err := l.cluster.ends(ctx, all)
	ends := map[domain.Partition]int64{}
	for at, end := range found {
		ends[domain.Partition(at.partition)] = end
	}
	return ids[topic], ends, err
}

// DeadLetters counts the distinct records that are buried. A record is known by
// its topic, partition and offset.
func (l *Logs) DeadLetters(ctx context.Context) (int, error) {
	buried := map[string]bool{}
	err := l.read(ctx, DeadLettersTopic, 1, func(m *kafka.Message) {
		origin := ""
		for _, h := range m.Headers {
			if h.Key == "topic" || h.Key == "partition" || h.Key == "offset" {
				origin += string(h.Value) + " "
			}
		}
		buried[origin] = true
	})
	return len(buried), err
}

// silence is how long a read waits for the next record before it fails.
const silence = 30 * time.Second

// read calls fn with each record that a topic has at the start, the records of a
// partition in order.
func (l *Logs) read(ctx context.Context, topic string, partitions int, fn func(*kafka.Message)) error {
	settings := l.cluster.reading("onsale-logs", followWait)
	c, err := kafka.NewConsumer(&settings)
	if err != nil {
		return err
	}
	defer closeConsumer(c, l.cluster.Log)
	var at []kafka.TopicPartition
	left := map[int32]int64{} // ends that are not reached yet
	for p := range int32(partitions) {
		low, end, err := c.QueryWatermarkOffsets(topic, p, 5000)
		if err != nil {
			return fmt.Errorf("end of %s [%d]: %w", topic, p, err)
		}
		if low < end {
			left[p] = end
			at = append(at, kafka.TopicPartition{Topic: &topic, Partition: p, Offset: kafka.Offset(low)})
		}
	}
	if len(at) == 0 {
		return nil
	}
	if err := c.Assign(at); err != nil {
		return err
	}
	for heard := time.Now(); len(left) > 0; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		switch e := c.Poll(100).(type) {
		case *kafka.Message:
			heard = time.Now()
			p := e.TopicPartition.Partition
			end, wanted := left[p]
			if !wanted {
				continue // beyond the end at the start
			}
			fn(e)
			if int64(e.TopicPartition.Offset)+1 >= end {
				delete(left, p)
			}
		case kafka.Error:
			if e.Code() == kafka.ErrAutoOffsetReset || e.IsFatal() {
				return fmt.Errorf("read %s: %w", topic, e)
			}
		case nil:
			if time.Since(heard) > silence {
				return errors.New(topic + ": no record for 30 s, and the end is not reached")
			}
		}
	}
	return nil
}
