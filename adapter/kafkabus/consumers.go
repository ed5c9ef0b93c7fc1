package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Consumers drives an Inbox: one member of the service's group for each event
// of the catalogue.
type Consumers struct {
	cluster   *Cluster
	inbox     port.Inbox
	catalogue port.Catalogue

	mu      sync.Mutex
	members map[domain.EventID]*member
	joined  bool // all members were settled once
}

// NewConsumers joins nothing until Run.
func NewConsumers(c *Cluster, inbox port.Inbox, catalogue port.Catalogue) *Consumers {
	return &Consumers{cluster: c, inbox: inbox, catalogue: catalogue, members: map[domain.EventID]*member{}}
}

// Run takes part until ctx is done, then leaves every group in order.
func (c *Consumers) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	if troubled, ok := c.inbox.(port.OwnershipReporter); ok {
		running.Add(1)
		go func() {
			defer running.Done()
			c.passTroubleOn(ctx, troubled.OwnershipLost())
		}()
	}
	err := c.catalogue.Follow(ctx, func(e ticketing.CatalogueEvent) {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.members[e.ID] != nil {
			return
		}
		m := &member{Consumers: c, event: e.ID, sections: sectionsOf(e), doubt: make(chan struct{}, 1), unsettled: time.Now()}
		c.members[e.ID] = m
		running.Add(1)
		go func() {
			defer running.Done()
			m.run(ctx)
		}()
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

func (c *Consumers) passTroubleOn(ctx context.Context, trouble <-chan domain.EventID) {
	for {
		select {
		case id := <-trouble:
			c.mu.Lock()
			m := c.members[id]
			c.mu.Unlock()
			if m == nil {
				continue
			}
			select {
			case m.doubt <- struct{}{}:
			default:
			}
		case <-ctx.Done():
			return
		}
	}
}

// member is the membership in the group of one event.
type member struct {
	*Consumers
	event    domain.EventID
	sections sections
	doubt    chan struct{}
	// inputs are the partitions given to this member, by place.
	inputs map[place]port.Input
	failed error
	dog    *watchdog
	// unsettled is since when the group has not told this member what is its own,
	// or the inbox has not taken it; zero: it is settled. Guarded by Consumers.mu.
	unsettled time.Time
}

// settleLimit is how long a membership may take before a server counts as not
// ready for it: a new event, and a rebalance, are no reason to send nobody here.
const settleLimit = 15 * time.Second

// Ready answers which membership is not settled, nil if all are: with claims
// read back, where the inbox is the seat owner.
func (c *Consumers) Ready() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, m := range c.members {
		if m.unsettled.IsZero() || c.joined && time.Since(m.unsettled) < settleLimit {
			continue
		}
		return fmt.Errorf("the group of event %d has not settled what is this server's", id)
	}
	c.joined = true
	return nil
}

// settle notes whether the membership is settled.
func (m *member) settle(is bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case is:
		m.unsettled = time.Time{}
	case m.unsettled.IsZero():
		m.unsettled = time.Now()
	}
}

// run joins, and joins again after trouble.
func (m *member) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := m.session(ctx)
		m.settle(false)
		if ctx.Err() != nil {
			return
		}
		if fenced(err) {
			err = fmt.Errorf("another server calls itself %q too, or has taken this one's place: each server of a service needs a --server-id of its own (%w)", m.cluster.ServerID, err)
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

// fenced tells whether another member has taken the name of this one.
func fenced(err error) bool {
	var e kafka.Error
	return errors.As(err, &e) && e.Code() == kafka.ErrFencedInstanceID
}

// consumeWait is how long a broker holds an empty fetch of a member.
const consumeWait = 500 * time.Millisecond

// session is one membership, from join to leave.
func (m *member) session(ctx context.Context) error {
	settings := m.cluster.reading(Group(m.event, m.cluster.Service), consumeWait)
	for k, v := range (kafka.ConfigMap{
		"session.timeout.ms": 10_000, "heartbeat.interval.ms": 1000, "max.poll.interval.ms": 60_000,
		"partition.assignment.strategy": "range", "group.instance.id": string(m.cluster.Service) + "-" + m.cluster.ServerID,
		"queued.max.messages.kbytes": 4096, "enable.auto.commit": true, "auto.commit.interval.ms": 5000,
	}) {
		settings[k] = v
	}
	c, err := kafka.NewConsumer(&settings)
	if err != nil {
		return err
	}
	defer closeConsumer(c, m.cluster.Log)
	m.inputs, m.failed, m.dog = map[place]port.Input{}, nil, newWatchdog(string(m.cluster.Service), m.event.String(), m.cluster.guards.fresh)
	defer m.cluster.guard(m.dog)()
	select { // a doubt about an earlier membership says nothing about this one
	case <-m.doubt:
	default:
	}
	var topics []string
	for _, a := range message.Inbound(m.cluster.Service) {
		topics = append(topics, Topic(m.event, a))
	}
	rebalance := func(c *kafka.Consumer, event kafka.Event) error {
		switch e := event.(type) {
		case kafka.AssignedPartitions:
			m.failed = m.assigned(ctx, c, e.Partitions)
			m.settle(m.failed == nil)
		case kafka.RevokedPartitions:
			m.settle(false)
			m.revoked()
			return c.Unassign()
		}
		return nil
	}
	if err := c.SubscribeTopics(topics, rebalance); err != nil {
		return err
	}
	defer m.revoked()
	defer unsubscribeAt(ctx, c)()
	for ctx.Err() == nil {
		batch, err := m.gather(c)
		if err != nil {
			return err
		}
		if len(batch) > 0 {
			// What was taken is finished, also when the end was asked for meanwhile.
			if err := m.deliver(context.WithoutCancel(ctx), batch); err != nil {
				return err
			}
			m.commit(c, batch)
		}
		select {
		case <-m.doubt:
			return fmt.Errorf("the inbox is in trouble")
		case err := <-m.dog.silence:
			return err
		default:
		}
	}
	m.leave(c)
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

// assigned asks the inbox where to read from, and assigns inside the callback:
// otherwise the client would assign by itself, without offsets.
func (m *member) assigned(ctx context.Context, c *kafka.Consumer, partitions []kafka.TopicPartition) error {
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

// ends makes inputs of partitions and asks for the end of each log.
func (m *member) ends(ctx context.Context, partitions []kafka.TopicPartition) (map[port.Input]int64, error) {
	actions := map[string]message.Action{}
	var topics []string
	for _, a := range message.Inbound(m.cluster.Service) {
		actions[Topic(m.event, a)] = a
		topics = append(topics, Topic(m.event, a))
	}
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	ids, err := m.cluster.ids(ctx, topics)
	if err != nil {
		return nil, err
	}
	m.inputs = map[place]port.Input{}
	for _, p := range partitions {
		m.inputs[place{*p.Topic, p.Partition}] = port.Input{Event: m.event, Action: actions[*p.Topic], Partition: domain.Partition(p.Partition),
			Cluster: m.cluster.id, TopicID: ids[*p.Topic]}
	}
	found, err := m.cluster.ends(ctx, partitions)
	if err != nil {
		return nil, err
	}
	ends := map[port.Input]int64{}
	for at, end := range found {
		ends[m.inputs[at]] = end
	}
	return ends, nil
}

func (m *member) revoked() {
	m.dog.forget()
	var inputs []port.Input
	for _, input := range m.inputs {
		inputs = append(inputs, input)
	}
	m.inputs = map[place]port.Input{}
	if len(inputs) > 0 {
		m.inbox.Revoked(m.event, inputs)
	}
}

// batchSize bounds what one Deliver gets.
const batchSize = 500

// pollWait is how long a member waits for a message, in milliseconds: an idle
// server wakes this often for each event.
const pollWait = 1000

// gather waits for a message and takes what else is there.
func (m *member) gather(c *kafka.Consumer) ([]port.Delivery, error) {
	var batch []port.Delivery
	for wait := pollWait; len(batch) < batchSize; {
		event := c.Poll(wait)
		if m.failed != nil {
			return nil, m.failed
		}
		switch e := event.(type) {
		case nil:
			if len(batch) == 0 {
				m.dog.idle()
			}
			return batch, nil
		case *kafka.Message:
			m.dog.read(e.TopicPartition)
			input, ok := m.inputs[place{*e.TopicPartition.Topic, e.TopicPartition.Partition}]
			if ok {
				batch = append(batch, delivery(input, m.sections, e))
			}
			wait = 0
		case kafka.Error:
			if e.IsFatal() || e.Code() == kafka.ErrAutoOffsetReset || e.Code() == kafka.ErrMaxPollExceeded {
				return nil, e
			}
		}
	}
	return batch, nil
}

// commit tells the group how far this member is: for people's tools, nobody
// reads it here.
func (m *member) commit(c *kafka.Consumer, batch []port.Delivery) {
	next := map[place]kafka.TopicPartition{}
	for _, d := range batch {
		topic := Topic(m.event, d.Input.Action)
		next[place{topic, int32(d.Input.Partition)}] = kafka.TopicPartition{Topic: &topic, Partition: int32(d.Input.Partition), Offset: kafka.Offset(d.Offset + 1)}
	}
	at := make([]kafka.TopicPartition, 0, len(next))
	for _, p := range next {
		at = append(at, p)
	}
	_, _ = c.StoreOffsets(at)
}

// unsubscribeAt unsubscribes when ctx is done, which also ends a poll that has
// nothing to give. stop waits for it, so that the consumer can be closed.
func unsubscribeAt(ctx context.Context, c *kafka.Consumer) (stop func()) {
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		defer close(done)
		_ = c.Unsubscribe()
	})
	return func() {
		if !cancel() {
			<-done
		}
	}
}

// leave waits until the group knows that this member has unsubscribed, so that
// others take over at once: a static member that only closes is missed after its
// session.
func (m *member) leave(c *kafka.Consumer) {
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); {
		c.Poll(50)
		if at, err := c.Assignment(); err != nil || len(at) == 0 {
			break
		}
	}
	for end := time.Now().Add(200 * time.Millisecond); time.Now().Before(end); {
		c.Poll(50)
	}
}
