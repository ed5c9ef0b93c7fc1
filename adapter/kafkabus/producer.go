package kafkabus

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// producer is an idempotent producer. After a fatal error it is replaced.
type producer struct {
	settings kafka.ConfigMap
	log      *slog.Logger

	mu      sync.Mutex
	current *kafka.Producer
	closed  bool
}

func (c *Cluster) newProducer() (*producer, error) {
	settings := c.settings()
	for k, v := range (kafka.ConfigMap{
		"go.delivery.report.fields": "none", // report needs no copy of the record
		// One request at a time: a new partition may refuse the first request and
		// accept the second. The first, when it is sent again, then counts as a
		// duplicate: it is acknowledged and lost.
		"acks": "all", "enable.idempotence": true, "max.in.flight": 1,
		"linger.ms": "0.5", "message.timeout.ms": 6000,
		"queue.buffering.max.messages": 1_000_000, "go.batch.producer": false, "go.logs.channel.enable": false,
		// By default both channels have room for a million: 24 MB that each
		// collection reads. report takes the events as they come, and nothing uses
		// the other channel.
		"go.events.channel.size": 4096, "go.produce.channel.size": 0,
	}) {
		settings[k] = v
	}
	p := &producer{settings: settings, log: c.Log}
	return p, p.replace(nil)
}

// replace puts a new producer in the place of old. Records that old had in flight
// are reported as failed: they may or may not be in the log.
func (p *producer) replace(old *kafka.Producer) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.current != old || p.closed {
		return nil
	}
	settings := kafka.ConfigMap{}
	for k, v := range p.settings {
		settings[k] = v
	}
	next, err := kafka.NewProducer(&settings)
	if err != nil {
		return err
	}
	p.current = next
	go p.report(next)
	if old != nil {
		go discard(old)
	}
	return nil
}

// discard closes a producer. It runs in its own goroutine, since Close can hang.
func discard(old *kafka.Producer) {
	_ = old.Purge(kafka.PurgeQueue | kafka.PurgeInFlight)
	old.Flush(2000)
	old.Close()
}

// report is the only reader of a producer's delivery reports, for its whole life.
func (p *producer) report(from *kafka.Producer) {
	for event := range from.Events() {
		switch e := event.(type) {
		case *kafka.Message:
			if done, ok := e.Opaque.(func(error)); ok {
				done(e.TopicPartition.Error)
			}
		case kafka.Error:
			if !e.IsFatal() {
				continue // the client reconnects by itself
			}
			p.log.Warn("kafka producer replaced after a fatal error", "error", e)
			if err := p.replace(from); err != nil {
				p.log.Error("kafka producer could not be replaced", "error", err)
			}
		}
	}
}

// send queues a record. done is called once, from another goroutine.
func (p *producer) send(topic string, partition int32, key string, value []byte, headers []kafka.Header, done func(error)) {
	p.mu.Lock()
	current := p.current
	p.mu.Unlock()
	err := current.Produce(&kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &topic, Partition: partition},
		Key:            []byte(key), Value: value, Headers: headers, Opaque: done,
	}, nil)
	if err != nil {
		go done(err)
	}
}

// sendAndWait queues a record and returns when the brokers have acknowledged it.
func (p *producer) sendAndWait(ctx context.Context, topic, key string, value []byte, headers []kafka.Header) error {
	done := make(chan error, 1)
	p.send(topic, 0, key, value, headers, func(err error) { done <- err })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close sends what is queued, within a time limit, and closes the producer.
func (p *producer) close(limit time.Duration) {
	p.mu.Lock()
	p.closed = true
	current := p.current
	p.mu.Unlock()
	current.Flush(int(limit.Milliseconds()))
	current.Close()
}
