package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// member is the membership in the group of one event, while the event is awake. Its
// fields belong to the goroutine of run, which also serves rebalances, unless they say
// otherwise.
type member struct {
	*Consumers
	event    domain.EventID
	sections sections
	stop     context.CancelFunc // ends run
	wanted   bool               // the event is awake; guarded by Consumers.mu
	doubt    chan struct{}      // receives when the inbox wants to give the membership up

	// The rest is of one session.
	inputs  map[place]port.Input // given to this member
	batch   []port.Delivery      // gathered, not delivered yet
	failed  error                // why the inbox did not take what was assigned
	leaving bool
	rush    rush
	// joined is false while the group decides what is this member's. It is also
	// read by who ends the session.
	joined *atomic.Bool
	dog    *watchdog

	// waiting is since when the member has had no partitions that the inbox has
	// taken; zero while it has them. Guarded by Consumers.mu.
	waiting time.Time
}

// wait notes whether the member waits for its partitions.
func (m *member) wait(waits bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !waits:
		m.waiting = time.Time{}
	case m.waiting.IsZero():
		m.waiting = time.Now()
	}
}

// run holds one session after the other until ctx is done.
func (m *member) run(ctx context.Context) {
	var lastFence time.Time
	for ctx.Err() == nil {
		err := m.session(ctx)
		m.wait(true)
		if ctx.Err() != nil {
			return
		}
		if fenced(err) {
			err = fenceError(m.cluster.ServerID, time.Since(lastFence) < fencesApart, err)
			lastFence = time.Now()
		}
		replaced.WithLabelValues("membership").Inc()
		m.cluster.Log.Warn("membership given up", "event_id", int64(m.event), "error", err)
		pause := time.Duration(200+rand.IntN(800)) * time.Millisecond
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	}
}

// fencesApart is how far apart two fences of a member are, at least, if only one
// server has its name.
const fencesApart = time.Minute

// fenceError explains a fence. A server that rejoins while its broker dies can be
// fenced by its own request to join, of which it heard no answer. Two servers of
// one name fence each other again and again.
func fenceError(server string, again bool, err error) error {
	if again {
		return fmt.Errorf("another server calls itself %q too: each server of a service needs a --server-id of its own (%w)", server, err)
	}
	return fmt.Errorf("the broker knows a newer member of the name %q and this one joins again; that can happen once after a restart of the broker or a pause of this server (%w)", server, err)
}

// fenced reports whether another member has taken the name of this one.
func fenced(err error) bool {
	var e kafka.Error
	return errors.As(err, &e) && e.Code() == kafka.ErrFencedInstanceID
}

const (
	// consumeWait is how long a broker holds an empty fetch of a member, or of one
	// that follows a compacted topic.
	consumeWait = 500 * time.Millisecond
	// heartbeat is how often a member asks whether the group rebalances. It is
	// most of the time until the others take over from a member that left.
	heartbeat = 500 * time.Millisecond
)

func (m *member) newConsumer() (*kafka.Consumer, error) {
	settings := m.cluster.reading(Group(m.event, m.cluster.Service), consumeWait)
	for k, v := range (kafka.ConfigMap{
		"session.timeout.ms": 10_000, "heartbeat.interval.ms": int(heartbeat.Milliseconds()), "max.poll.interval.ms": 60_000,
		"partition.assignment.strategy": "range", "group.instance.id": string(m.cluster.Service) + "-" + m.cluster.ServerID,
		"queued.max.messages.kbytes": 4096, "enable.auto.commit": true, "auto.commit.interval.ms": 5000,
	}) {
		settings[k] = v
	}
	return kafka.NewConsumer(&settings)
}

// session is one membership, from joining the group to leaving it.
func (m *member) session(ctx context.Context) error {
	c, err := m.newConsumer()
	if err != nil {
		return err
	}
	defer closeConsumer(c, m.cluster.Log)
	m.inputs, m.batch, m.failed, m.leaving, m.joined = map[place]port.Input{}, nil, nil, false, new(atomic.Bool)
	m.dog = newWatchdog(string(m.cluster.Service), m.event.String(), m.cluster.guards.fresh)
	defer m.cluster.guard(m.dog)()
	defer m.dog.end()
	select { // a doubt about an earlier membership does not concern this one
	case <-m.doubt:
	default:
	}
	topics, _ := m.cluster.inbound(m.event)
	if err := c.SubscribeTopics(topics, func(c *kafka.Consumer, e kafka.Event) error { return m.rebalance(ctx, c, e) }); err != nil {
		return err
	}
	way := &exit{consumer: c}
	joined := m.joined
	stop := context.AfterFunc(ctx, func() {
		if joined.Load() { // see leave
			way.unsubscribe() // which also ends a long poll
		}
	})
	err = m.consume(ctx, c)
	stop()
	m.leave(way, err)
	m.revoked()
	return err
}

// rebalance serves what the group decides. It runs inside Poll.
func (m *member) rebalance(ctx context.Context, c *kafka.Consumer, event kafka.Event) error {
	switch e := event.(type) {
	case kafka.AssignedPartitions:
		defer m.joined.Store(true)
		if m.leaving {
			return c.Assign(nil)
		}
		m.failed = m.assigned(ctx, c, e.Partitions)
		m.wait(m.failed != nil)
	case kafka.RevokedPartitions:
		m.joined.Store(false)
		m.wait(true)
		m.revoked()
		return c.Unassign()
	}
	return nil
}

// assigned asks the inbox where to read from. It assigns inside the callback:
// otherwise the client would assign by itself, without offsets.
func (m *member) assigned(ctx context.Context, c *kafka.Consumer, partitions []kafka.TopicPartition) error {
	partitions = m.sectionsOnly(partitions)
	ends, err := m.ends(ctx, partitions)
	var from map[port.Input]int64
	if err == nil && len(ends) > 0 {
		from, err = m.inbox.Assigned(ctx, m.event, ends)
	}
	if err != nil {
		_ = c.Assign(nil)
		return err
	}
	at := make([]kafka.TopicPartition, 0, len(from))
	for _, p := range partitions {
		if next, ok := from[m.inputs[place{*p.Topic, p.Partition}]]; ok {
			at = append(at, kafka.TopicPartition{Topic: p.Topic, Partition: p.Partition, Offset: kafka.Offset(next)})
		}
	}
	m.dog.expect(at)
	return c.Assign(at)
}

// sectionsOnly leaves out partitions that no section has. Somebody has added them
// with Kafka's tools.
func (m *member) sectionsOnly(partitions []kafka.TopicPartition) []kafka.TopicPartition {
	return slices.DeleteFunc(slices.Clone(partitions), func(p kafka.TopicPartition) bool {
		added := p.Partition >= domain.Partitions
		if added {
			m.cluster.Log.Error("a partition that no section has is not read", "topic", *p.Topic, "partition", p.Partition)
		}
		return added
	})
}

// ends makes inputs of partitions and asks for the end of each log.
func (m *member) ends(ctx context.Context, partitions []kafka.TopicPartition) (map[port.Input]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	inputs, err := m.cluster.inputs(ctx, m.event, partitions)
	if err != nil {
		return nil, err
	}
	m.inputs = inputs
	return m.cluster.inputEnds(ctx, inputs, partitions)
}

// revoked lets all inputs go. What was gathered of them is dropped: the inbox
// would refuse it, and the next member reads it again.
func (m *member) revoked() {
	m.dog.forget()
	m.batch = nil
	var inputs []port.Input
	for _, input := range m.inputs {
		inputs = append(inputs, input)
	}
	m.inputs = map[place]port.Input{}
	if len(inputs) > 0 {
		m.inbox.Revoked(m.event, inputs)
	}
}

// consume delivers what it reads until ctx is done or the membership must be
// given up.
func (m *member) consume(ctx context.Context, c *kafka.Consumer) error {
	for ctx.Err() == nil {
		if err := m.gather(c); err != nil {
			return err
		}
		if len(m.batch) > 0 {
			// A batch that was taken is finished, also when ctx ends meanwhile.
			if err := m.deliver(context.WithoutCancel(ctx), m.batch); err != nil {
				return err
			}
			m.commit(c, m.batch)
			m.rush.end(len(m.batch), batchSize)
			clear(m.batch)
			m.batch = m.batch[:0] // the inbox has not kept it
		}
		select {
		case <-m.doubt:
			return errors.New("the inbox gives its partitions up")
		case err := <-m.dog.silence:
			return err
		default:
		}
	}
	return nil
}

// batchSize bounds what one Deliver gets.
const batchSize = 500

// How long a member waits for a message, in milliseconds. An idle server wakes
// every pollWait for each event.
const (
	pollWait     = 1000
	pollWaitJoin = 50 // while the group decides: nothing else ends this poll early
)

// gather waits for a message and adds to the batch what else has arrived, or arrives
// within the patience of the inbox.
func (m *member) gather(c *kafka.Consumer) error {
	wait := pollWait
	if !m.joined.Load() {
		wait = pollWaitJoin
	}
	var began time.Time // when the first message came
	for len(m.batch) < batchSize {
		event := c.Poll(wait)
		if m.failed != nil {
			return m.failed
		}
		switch e := event.(type) {
		case nil:
			if len(m.batch) == 0 {
				m.dog.idle()
			}
			return nil
		case *kafka.Message:
			if len(m.batch) == 0 && m.patience == 0 {
				m.rush.first()
			}
			input, held := m.inputs[place{*e.TopicPartition.Topic, e.TopicPartition.Partition}]
			if held {
				m.dog.read(e.TopicPartition)
				m.batch = append(m.batch, delivery(input, m.sections, e))
			}
			if began.IsZero() {
				began = time.Now()
			}
			wait = int(max(0, m.patience-time.Since(began)).Milliseconds())
		case kafka.Error:
			if e.IsFatal() || e.Code() == kafka.ErrAutoOffsetReset || e.Code() == kafka.ErrMaxPollExceeded {
				return e
			}
		}
	}
	return nil
}

func (m *member) deliver(ctx context.Context, batch []port.Delivery) error {
	if m.cluster.Log.Enabled(ctx, slog.LevelDebug) {
		for _, d := range batch {
			if d.Envelope.Body != nil {
				m.cluster.Log.Debug("take", about(d.Envelope)...)
			}
		}
	}
	ctx, end := tracedBatch(ctx, batch)
	err := m.inbox.Deliver(ctx, m.event, batch)
	end(err)
	return err
}

// commit stores how far this member is in the group. Onsale never reads it: it
// is for the tools of people who run Kafka.
func (m *member) commit(c *kafka.Consumer, batch []port.Delivery) {
	type log struct {
		action    message.Action
		partition domain.Partition
	}
	next := map[log]int64{}
	for i := range batch {
		d := &batch[i]
		next[log{d.Input.Action, d.Input.Partition}] = d.Offset + 1
	}
	at := make([]kafka.TopicPartition, 0, len(next))
	for of, offset := range next {
		topic := Topic(m.event, of.action)
		at = append(at, kafka.TopicPartition{Topic: &topic, Partition: int32(of.partition), Offset: kafka.Offset(offset)})
	}
	_, _ = c.StoreOffsets(at)
}

// Times of leaving a group.
const (
	joinLimit   = 2 * time.Second        // until the group has decided what is this member's
	revokeLimit = 2 * time.Second        // until the partitions are revoked
	leaveWait   = 200 * time.Millisecond // until the request to leave was sent
)

// exit unsubscribes a consumer once.
type exit struct {
	consumer *kafka.Consumer
	once     sync.Once
	begun    atomic.Bool
}

// unsubscribe blocks until it is done, also if another goroutine has begun it.
func (e *exit) unsubscribe() {
	e.begun.Store(true)
	e.once.Do(func() { _ = e.consumer.Unsubscribe() })
}

// leave tells the group that this member goes, so that the others take over at
// once. A static member that only closes is missed when its session times out,
// after ten seconds. So is one that unsubscribes while it joins: it does not know
// its member id yet, and the broker counts it as a member later. Therefore a
// member that joins waits for the end of that first.
//
// why ended the session. After a fatal error of the client there is no leaving.
func (m *member) leave(way *exit, why error) {
	m.leaving = true
	c := way.consumer
	var e kafka.Error
	fatal := errors.As(why, &e) && e.IsFatal()
	for end := time.Now().Add(joinLimit); !fatal && !m.joined.Load() && !way.begun.Load() && time.Now().Before(end); {
		c.Poll(10)
	}
	// It waits for a rebalance that is under way, which is served here.
	unsubscribed := make(chan struct{})
	go func() {
		defer close(unsubscribed)
		way.unsubscribe()
	}()
	for done := false; !done; {
		c.Poll(10)
		select {
		case <-unsubscribed:
			done = true
		default:
		}
	}
	if fatal {
		return
	}
	for end := time.Now().Add(revokeLimit); time.Now().Before(end); c.Poll(10) {
		if at, err := c.Assignment(); err != nil || len(at) == 0 {
			break
		}
	}
	for end := time.Now().Add(leaveWait); time.Now().Before(end); {
		c.Poll(50)
	}
}
