package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// ranges reads parts of topics again. It keeps some idle consumers for the next
// time.
type ranges struct {
	cluster *Cluster
	idle    chan *kafka.Consumer
}

// idleReaders is as many as the events that the seat owner loads at once.
const idleReaders = 4

func newRanges(c *Cluster) *ranges {
	return &ranges{cluster: c, idle: make(chan *kafka.Consumer, idleReaders)}
}

const (
	// readWait is how long a broker holds an empty fetch of a reader that is
	// assigned anew each time.
	readWait = 100 * time.Millisecond
	// rangeSilence is how long a reader waits for the next record.
	rangeSilence = 10 * time.Second
)

// errNotThere is in the chain of the error when a topic has the records no longer,
// or not yet.
var errNotThere = errors.New("the topic does not have these records")

// read calls fn with the records from ≤ offset < to. If they are not all there, it
// is an error.
func (r *ranges) read(ctx context.Context, of place, from, to int64, fn func(*kafka.Message)) (err error) {
	topic, p := of.topic, of.partition
	c, err := r.borrow()
	if err != nil {
		return err
	}
	defer func() {
		if err != nil { // the consumer may be the cause
			closeConsumer(c, r.cluster.Log)
			return
		}
		r.giveBack(c)
	}()
	low, end, err := c.QueryWatermarkOffsets(topic, p, 5000)
	if err != nil {
		return fmt.Errorf("end of %s [%d]: %w", topic, p, err)
	}
	if to > end || from < low && from < to {
		return fmt.Errorf("records %d to %d of %s [%d]: %w, it begins at %d and ends at %d", from, to, topic, p, errNotThere, low, end)
	}
	if from >= to {
		return nil
	}
	if err := c.Assign([]kafka.TopicPartition{{Topic: &topic, Partition: p, Offset: kafka.Offset(from)}}); err != nil {
		return err
	}
	for next, heard := from, time.Now(); next < to; {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if time.Since(heard) > rangeSilence {
			return fmt.Errorf("records %d to %d of %s [%d]: the broker sends no more records", next, to, topic, p)
		}
		switch e := c.Poll(100).(type) {
		case *kafka.Message:
			// The queue may still hold records of an earlier use.
			if *e.TopicPartition.Topic != topic || e.TopicPartition.Partition != p || int64(e.TopicPartition.Offset) != next {
				continue
			}
			fn(e)
			next++
			heard = time.Now()
		case kafka.Error:
			if e.Code() == kafka.ErrAutoOffsetReset || e.IsFatal() {
				return fmt.Errorf("read %s [%d]: %w", topic, p, e)
			}
		}
	}
	return nil
}

func (r *ranges) borrow() (*kafka.Consumer, error) {
	select {
	case c := <-r.idle:
		return c, nil
	default:
		settings := r.cluster.reading("onsale-range", readWait)
		return kafka.NewConsumer(&settings)
	}
}

func (r *ranges) giveBack(c *kafka.Consumer) {
	_ = c.Unassign()
	select {
	case r.idle <- c:
	default:
		_ = c.Close()
	}
}

// close closes the idle consumers.
func (r *ranges) close() {
	for {
		select {
		case c := <-r.idle:
			_ = c.Close()
		default:
			return
		}
	}
}
