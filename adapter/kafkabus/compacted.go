package kafkabus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// compacted reads a compacted topic of one partition whole and follows it.
type compacted struct {
	topic string
	apply func(key string, value []byte) // from one goroutine
	c     *kafka.Consumer

	mu      sync.Mutex
	next    int64         // all before it was applied
	moved   chan struct{} // closed when next moves
	contact time.Time     // when the broker last told the end
	ready   bool
}

func (c *Cluster) openCompacted(topic string, apply func(key string, value []byte)) (*compacted, error) {
	settings := c.reading("onsale-"+topic, followWait)
	settings["enable.partition.eof"] = true
	consumer, err := kafka.NewConsumer(&settings)
	if err != nil {
		return nil, err
	}
	t := &compacted{topic: topic, apply: apply, c: consumer, moved: make(chan struct{})}
	return t, consumer.Assign([]kafka.TopicPartition{{Topic: &topic, Offset: kafka.OffsetBeginning}})
}

// contactEvery is how often the broker is asked for the end, so that a view
// that has lost its broker is known to be old within a second.
const contactEvery = 300 * time.Millisecond

// run follows until ctx is done.
func (t *compacted) run(ctx context.Context) error {
	var asking sync.WaitGroup
	asking.Add(1)
	go func() {
		defer asking.Done()
		tick := time.NewTicker(contactEvery)
		defer tick.Stop()
		for {
			_, _ = t.end()
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		asking.Wait()
		_ = t.c.Close()
	}()
	for ctx.Err() == nil {
		switch e := t.c.Poll(100).(type) {
		case *kafka.Message:
			t.apply(string(e.Key), e.Value)
			t.advance(int64(e.TopicPartition.Offset)+1, false)
		case kafka.PartitionEOF:
			t.advance(int64(e.Offset), true)
		case kafka.Error:
			if e.Code() == kafka.ErrAutoOffsetReset || e.IsFatal() {
				return fmt.Errorf("follow %s: %w", t.topic, e)
			}
		}
	}
	return nil
}

func (t *compacted) advance(next int64, atEnd bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next, t.ready = next, t.ready || atEnd
	close(t.moved)
	t.moved = make(chan struct{})
}

// end asks for the present end.
func (t *compacted) end() (int64, error) {
	_, end, err := t.c.QueryWatermarkOffsets(t.topic, 0, 1000)
	if err != nil {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.contact = time.Now()
	return end, nil
}

// readToEnd waits until everything that is in the topic now was applied.
func (t *compacted) readToEnd(ctx context.Context) error {
	end, err := t.end()
	if err != nil {
		return err
	}
	for {
		t.mu.Lock()
		next, moved := t.next, t.moved
		t.mu.Unlock()
		if next >= end {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fresh tells whether the view was read whole and is at most a second old.
func (t *compacted) fresh() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ready && time.Since(t.contact) < time.Second+contactEvery
}
