package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/journalcodec"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/port"
)

// Journal writes and reads the seat journals.
type Journal struct {
	cluster   *Cluster
	producers *producers
	ranges    *ranges // for Range

	mu       sync.Mutex
	follower *follower // for Follow; one for all events
	routes   map[string]route
	read     bool      // all journals were read to their ends once
	late     time.Time // since when that is not so again; zero: it is so
}

// follower is the consumer behind Follow. It is replaced when it falls silent.
type follower struct {
	consumer *kafka.Consumer
	dog      *watchdog
	release  func() // of the dog
	rush     rush

	// excused is how many more partitions were found outside of their logs than
	// errors have come. Errors do not name their partition.
	excused      int
	excusedUntil time.Time
}

type route struct {
	event  domain.EventID
	reader port.JournalReader
	failed chan error
}

// place is a partition of a topic.
type place struct {
	topic     string
	partition int32
}

var _ port.Journal = (*Journal)(nil)

// followWait is how long a broker holds an empty fetch of the follower. A fetch is
// for the partitions of all events, and a new event waits until the last fetch is
// over.
const followWait = 100 * time.Millisecond

// NewJournal returns a journal with its own producers. Readers are created when
// they are needed.
func NewJournal(c *Cluster) (*Journal, error) {
	p, err := c.newProducers()
	return &Journal{cluster: c, producers: p, ranges: newRanges(c), routes: map[string]route{}}, err
}

// Close closes the producers and the idle reader. Followers end with their ctx.
func (j *Journal) Close() {
	j.producers.close(5 * time.Second)
	j.ranges.close()
}

// Append queues one record.
func (j *Journal) Append(event domain.EventID, p domain.Partition, r journal.Record, done func(error)) {
	began := time.Now()
	j.producers.send(event, JournalTopic(event), int32(p), "", journalcodec.Append(nil, r), nil, func(err error) {
		if err != nil {
			appendsFailed.Inc()
		} else {
			appended.Observe(time.Since(began).Seconds())
		}
		done(err)
	})
}

// leaderLimit is how long a broker under load may take until it leads the partitions
// of a new topic.
const leaderLimit = 15 * time.Second

// Ends asks for the end of each partition. A broker may not lead a new partition yet.
func (j *Journal) Ends(ctx context.Context, event domain.EventID) (map[domain.Partition]int64, error) {
	topic := JournalTopic(event)
	of := make([]kafka.TopicPartition, domain.Partitions)
	for p := range of {
		of[p] = kafka.TopicPartition{Topic: &topic, Partition: int32(p)}
	}
	for limit := time.Now().Add(leaderLimit); ; {
		found, err := j.cluster.ends(ctx, of)
		if err == nil {
			ends := map[domain.Partition]int64{}
			for at, end := range found {
				ends[domain.Partition(at.partition)] = end
			}
			return ends, nil
		}
		if !leaderIsOld(err) && !notYet(err) || time.Now().After(limit) {
			return nil, err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Range reads from ≤ offset < to.
func (j *Journal) Range(ctx context.Context, event domain.EventID, p domain.Partition, from, to int64, fn func(journal.Entry)) error {
	return j.ranges.read(ctx, place{JournalTopic(event), int32(p)}, from, to, func(m *kafka.Message) { fn(entry(m)) })
}

func entry(m *kafka.Message) journal.Entry {
	r, err := journalcodec.Decode(m.Value)
	e := journal.Entry{Offset: int64(m.TopicPartition.Offset), Record: r, Damaged: err}
	if err != nil {
		e.Bytes = m.Value
	}
	return e
}

// recogniseLimit is how long brokers may say that they do not know a topic, or its
// leaders, before that is taken as true.
const recogniseLimit = 5 * time.Second

// Recognise compares the id of the journal's topic.
func (j *Journal) Recognise(ctx context.Context, event domain.EventID, topicID string) error {
	topic := JournalTopic(event)
	for end := time.Now().Add(recogniseLimit); ; {
		ids, err := j.cluster.ids(ctx, []string{topic})
		switch {
		case err == nil && ids[topic] == topicID:
			return nil
		case err == nil:
			return fmt.Errorf("%w: %s has id %s, the catalogue says %s", port.ErrOtherJournal, topic, ids[topic], topicID)
		case !notYet(err):
			return err
		case time.Now().After(end) && unknownTopic(err):
			return fmt.Errorf("%w: %w", port.ErrOtherJournal, err)
		case time.Now().After(end):
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func unknownTopic(err error) bool {
	var e kafka.Error
	return errors.As(err, &e) && e.Code() == kafka.ErrUnknownTopicOrPart
}

// Follow reads the journal of an event with the one follower of this process.
func (j *Journal) Follow(ctx context.Context, event domain.EventID, topicID string, from map[domain.Partition]int64, reader port.JournalReader) error {
	if err := j.Recognise(ctx, event, topicID); err != nil {
		return err
	}
	topic := JournalTopic(event)
	var at []kafka.TopicPartition
	for p, offset := range from {
		at = append(at, kafka.TopicPartition{Topic: &topic, Partition: int32(p), Offset: kafka.Offset(offset)})
	}
	r := route{event: event, reader: reader, failed: make(chan error, 1)}
	if err := j.follow(topic, r, at); err != nil {
		return err
	}
	select {
	case err := <-r.failed:
		return err
	case <-ctx.Done():
		j.unfollow(topic, at)
		return ctx.Err()
	}
}

func (j *Journal) follow(topic string, r route, at []kafka.TopicPartition) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.routes[topic] = r
	if j.follower == nil {
		c, err := j.newFollower()
		if err != nil {
			return err
		}
		f := &follower{consumer: c, dog: newWatchdog("journal", "all", j.cluster.guards.fresh)}
		f.release = j.cluster.guard(f.dog)
		j.follower = f
		go j.poll(f)
	}
	j.follower.dog.expect(at)
	if err := j.follower.consumer.IncrementalAssign(at); err != nil {
		delete(j.routes, topic)
		j.follower.drop(at)
		return err
	}
	return nil
}

// Ready returns nil if the journals were read to their ends, as they were at the
// last check. Otherwise the error says what is missing. Once they were, an event that
// wakes must not take the server out of service for the others: it has some time.
func (j *Journal) Ready() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	var err error
	if j.follower != nil {
		err = j.follower.dog.late()
	}
	switch {
	case err == nil:
		j.read, j.late = true, time.Time{}
		return nil
	case j.late.IsZero():
		j.late = time.Now()
	}
	if j.read && time.Since(j.late) < assignLimit {
		return nil
	}
	return fmt.Errorf("the seat journals: %w", err)
}

func (j *Journal) newFollower() (*kafka.Consumer, error) {
	settings := j.cluster.reading("onsale-journal-follower", followWait)
	return kafka.NewConsumer(&settings)
}

// unfollow stops the reading of one event. poll ends the follower after the last
// one.
func (j *Journal) unfollow(topic string, of []kafka.TopicPartition) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.routes, topic)
	if j.follower != nil {
		j.follower.drop(of)
	}
}

// drop ends the reading of partitions.
func (f *follower) drop(of []kafka.TopicPartition) {
	for _, p := range of {
		_ = f.consumer.IncrementalUnassign([]kafka.TopicPartition{p})
		f.dog.drop(place{*p.Topic, p.Partition})
	}
}

// poll reads until no event is followed any more.
func (j *Journal) poll(f *follower) {
	defer f.release()
	for {
		batches, err := f.gather()
		if err != nil && !j.failOutOfRange(f, err) {
			j.failAll(f, err)
			return
		}
		for at, entries := range batches {
			j.mu.Lock()
			r, ok := j.routes[at.topic]
			j.mu.Unlock()
			if ok {
				r.reader.Read(r.event, domain.Partition(at.partition), entries)
			}
		}
		select {
		case why := <-f.dog.silence:
			if err := j.revive(f, why); err != nil {
				j.failAll(f, err)
				return
			}
		default:
		}
		if j.endIfUnused(f) {
			return
		}
	}
}

// readSize bounds what one gather returns.
const readSize = 2000

// gather returns the records that have arrived, also those that came before an
// error: they count as read.
func (f *follower) gather() (map[place][]journal.Entry, error) {
	batches := map[place][]journal.Entry{}
	n := 0
	defer func() { f.rush.end(n, readSize) }()
	for wait := 100; n < readSize; wait = 0 {
		switch e := f.consumer.Poll(wait).(type) {
		case *kafka.Message:
			if n == 0 {
				f.rush.first()
			}
			at := place{*e.TopicPartition.Topic, e.TopicPartition.Partition}
			batches[at] = append(batches[at], entry(e))
			f.dog.read(e.TopicPartition)
			n++
			continue
		case kafka.Error:
			if e.Code() == kafka.ErrAutoOffsetReset || e.IsFatal() {
				return batches, fmt.Errorf("journal follower: %w", e)
			}
		case nil:
			if n == 0 {
				f.dog.idle()
			}
		}
		break
	}
	return batches, nil
}

// revive goes on reading with a new consumer.
func (j *Journal) revive(f *follower, why error) error {
	replaced.WithLabelValues("journal follower").Inc()
	j.cluster.Log.Warn("journal follower replaced", "error", why)
	j.mu.Lock() // no other goroutine may assign now
	defer j.mu.Unlock()
	at := f.dog.positions()
	c, err := j.newFollower()
	if err != nil {
		return err
	}
	closeConsumer(f.consumer, j.cluster.Log)
	f.consumer = c
	return c.Assign(at)
}

func (j *Journal) endIfUnused(f *follower) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.routes) > 0 {
		return false
	}
	j.follower = nil
	closeConsumer(f.consumer, j.cluster.Log)
	return true
}

// failOutOfRange ends Follow for the events of which the follower stands outside of
// the journal: the broker lost records, or removed them. The others are read on. It
// returns false if this does not explain the error. Then no reader may read on: the
// journal that lost records may have grown to the follower's place meanwhile.
func (j *Journal) failOutOfRange(f *follower, why error) bool {
	var e kafka.Error
	if !errors.As(why, &e) || e.Code() != kafka.ErrAutoOffsetReset {
		return false
	}
	outside, err := j.outside(f.dog.positions())
	if err != nil {
		j.cluster.Log.Warn("the range of a journal is not known", "error", err)
		return false
	}
	if !f.explained(len(outside)) {
		return false
	}
	topics := map[string]bool{}
	for _, p := range outside {
		topics[*p.Topic] = true
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	f.drop(slices.DeleteFunc(f.dog.positions(), func(p kafka.TopicPartition) bool { return !topics[*p.Topic] }))
	for topic := range topics {
		if r, ok := j.routes[topic]; ok {
			r.failed <- why
			delete(j.routes, topic)
		}
	}
	return true
}

// rangeLimit is how long the follower stands still, for all events, to find out
// which event an error is about. A claim must be read back within 6 s.
const rangeLimit = 2 * time.Second

// outside returns the partitions whose next record is not in their log.
func (j *Journal) outside(at []kafka.TopicPartition) ([]kafka.TopicPartition, error) {
	ctx, cancel := context.WithTimeout(context.Background(), rangeLimit)
	defer cancel()
	ends, err := j.cluster.ends(ctx, at)
	if err != nil {
		return nil, err
	}
	starts, err := j.cluster.starts(ctx, at)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(at), func(p kafka.TopicPartition) bool {
		place, next := place{*p.Topic, p.Partition}, int64(p.Offset)
		return starts[place] <= next && next <= ends[place]
	}), nil
}

// excuseLimit is how long errors may still come of partitions that are not read any
// more.
const excuseLimit = 10 * time.Second

// explained reports whether an error is about one of the partitions that were found
// outside of their logs, now or shortly before.
func (f *follower) explained(outside int) bool {
	if time.Now().After(f.excusedUntil) {
		f.excused = 0
	}
	if outside > 0 {
		f.excusedUntil = time.Now().Add(excuseLimit)
	}
	f.excused += outside - 1
	return f.excused >= 0
}

// failAll ends the follower and every Follow. The next Follow makes a new one.
func (j *Journal) failAll(f *follower, err error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	for topic, r := range j.routes {
		r.failed <- err
		delete(j.routes, topic)
	}
	j.follower = nil
	closeConsumer(f.consumer, j.cluster.Log)
}
