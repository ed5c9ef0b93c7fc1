package kafkabus

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
)

// compacted reads a compacted topic of one partition whole, and follows it.
type compacted struct {
	cluster *Cluster
	topic   string
	apply   func(key string, offset int64, value []byte) // from one goroutine
	contact time.Duration                                // how often the broker is asked for the end
	c       *kafka.Consumer                              // of run alone, once it runs

	mu     sync.Mutex
	next   int64         // all records before it were applied
	moved  chan struct{} // closed when next or asOf moves
	known  int64         // the end, as the broker reported it last
	behind time.Time     // since when next has been before it
	told   []told        // reported ends that were not reached yet, oldest first
	asOf   time.Time     // when the end that was reached last was asked for; zero: none was
}

// told is an end of the topic, and when the broker was asked for it.
type told struct {
	end int64
	at  time.Time
}

func (c *Cluster) openCompacted(topic string, apply func(key string, offset int64, value []byte)) (*compacted, error) {
	t := &compacted{cluster: c, topic: topic, apply: apply, contact: contactEvery, moved: make(chan struct{})}
	return t, t.open(kafka.OffsetBeginning)
}

// open starts to read from an offset with a new consumer.
func (t *compacted) open(from kafka.Offset) error {
	settings := t.cluster.reading("onsale-"+t.topic, consumeWait)
	settings["enable.partition.eof"] = true
	consumer, err := kafka.NewConsumer(&settings)
	if err != nil {
		return err
	}
	if t.c != nil {
		closeConsumer(t.c, t.cluster.Log)
	}
	t.c = consumer
	return consumer.Assign([]kafka.TopicPartition{{Topic: &t.topic, Offset: from}})
}

// contactEvery is how often the broker is asked for the end. A view that has lost
// its broker is known to be old within a second.
const contactEvery = 300 * time.Millisecond

// compactedPoll is how long run waits for a record, in milliseconds. It notices the
// end of its ctx after that.
const compactedPoll = 250

// run follows the topic until ctx is done.
func (t *compacted) run(ctx context.Context) error {
	var asking sync.WaitGroup
	asking.Add(1)
	go func() {
		defer asking.Done()
		tick := time.NewTicker(t.contact)
		defer tick.Stop()
		for {
			_, _ = t.end(ctx)
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	defer func() {
		asking.Wait()
		closeConsumer(t.c, t.cluster.Log)
	}()
	for ctx.Err() == nil {
		switch e := t.c.Poll(compactedPoll).(type) {
		case *kafka.Message:
			t.apply(string(e.Key), int64(e.TopicPartition.Offset), e.Value)
			t.advance(int64(e.TopicPartition.Offset) + 1)
		case kafka.PartitionEOF:
			t.advance(int64(e.Offset))
		case kafka.Error:
			if e.Code() == kafka.ErrAutoOffsetReset || e.IsFatal() {
				return fmt.Errorf("follow %s: %w", t.topic, e)
			}
		case nil:
			if from, is := t.silent(); is {
				t.cluster.Log.Warn("silent follower replaced", "topic", t.topic, "offset", from)
				if from == 0 { // nothing was read: the topic may begin later
					from = int64(kafka.OffsetBeginning)
				}
				if err := t.open(kafka.Offset(from)); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// silent reports whether records are known that have not arrived for a while.
func (t *compacted) silent() (next int64, is bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.next >= t.known {
		t.behind = time.Time{}
		return t.next, false
	}
	if t.behind.IsZero() {
		t.behind = time.Now()
	}
	if time.Since(t.behind) < silent {
		return t.next, false
	}
	t.behind = time.Time{}
	return t.next, true
}

func (t *compacted) advance(next int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.next, t.behind = next, time.Time{}
	t.reach()
	t.signal()
}

func (t *compacted) signal() {
	close(t.moved)
	t.moved = make(chan struct{})
}

// end asks the broker for the present end.
func (t *compacted) end(ctx context.Context) (int64, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	asked := time.Now()
	ends, err := t.cluster.ends(ctx, []kafka.TopicPartition{{Topic: &t.topic}})
	if err != nil {
		return 0, err
	}
	end := ends[place{topic: t.topic}]
	t.tell(told{end, asked})
	return end, nil
}

// tellLimit is how many ends are kept that were not reached yet. They are enough
// to know how old the view is, whether it is behind or stands still.
const tellLimit = 16

// tell records an end. It counts when it is reached, however far the topic has
// grown since then: a view that is always a little behind is not old.
func (t *compacted) tell(now told) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = now.end
	if last := len(t.told) - 1; last >= 0 && (t.told[last].end == now.end || last+1 == tellLimit) {
		t.told[last] = now
	} else {
		t.told = append(t.told, now)
	}
	if t.reach() {
		t.signal()
	}
}

// reach reports whether a newer end was reached.
func (t *compacted) reach() (more bool) {
	for len(t.told) > 0 && t.next >= t.told[0].end {
		t.asOf, more = t.told[0].at, true
		t.told = t.told[1:]
	}
	return more
}

// readToEnd blocks until everything that is in the topic now was applied.
func (t *compacted) readToEnd(ctx context.Context) error {
	end, err := t.end(ctx)
	if err != nil {
		return err
	}
	return t.until(ctx, func() bool { return t.next >= end })
}

// until blocks until a condition holds. It checks it, with the lock held, each
// time the view moves.
func (t *compacted) until(ctx context.Context, is func() bool) error {
	for {
		t.mu.Lock()
		done, moved := is(), t.moved
		t.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Ages of a view. A view is as old as the request for the end that it has reached.
const (
	// freshAge is the greatest age at which requests are decided by it.
	freshAge = time.Second
	// readyAge is the greatest age at which the server counts as ready. It is more:
	// a broker that is slow for a moment must not take the server out of service.
	readyAge = 2 * time.Second
)

// within reports whether the view was read whole and is not older than age.
func (t *compacted) within(age time.Duration) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.isWithin(age)
}

func (t *compacted) isWithin(age time.Duration) bool {
	return !t.asOf.IsZero() && time.Since(t.asOf) <= age
}

// whole reports whether everything that was there when it was opened was read.
func (t *compacted) whole() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return !t.asOf.IsZero()
}

// untilFresh blocks until the view is fresh.
func (t *compacted) untilFresh(ctx context.Context) error {
	return t.until(ctx, func() bool { return t.isWithin(freshAge) })
}
