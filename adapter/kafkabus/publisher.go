package kafkabus

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Publisher sends messages and dead letters.
type Publisher struct {
	producers *producers
	ranges    *ranges       // for letters without bytes
	turn      chan struct{} // held by the letter that uses ranges
	log       *slog.Logger
}

var (
	_ port.Publisher   = (*Publisher)(nil)
	_ port.DeadLetters = (*Publisher)(nil)
)

// NewPublisher returns a publisher with its own producers.
func NewPublisher(c *Cluster) (*Publisher, error) {
	p, err := c.newProducers()
	return &Publisher{producers: p, ranges: newRanges(c), turn: make(chan struct{}, 1), log: c.Log}, err
}

// Close sends what is queued, and closes the producers.
func (p *Publisher) Close() {
	p.producers.close(5 * time.Second)
	p.ranges.close()
}

// Send queues one message.
func (p *Publisher) Send(e message.Envelope, done func(error)) {
	done = tracedSend(&e, done)
	if p.log.Enabled(context.Background(), slog.LevelDebug) {
		p.log.Debug("send", about(e)...)
	}
	value, err := encode(e)
	if err != nil {
		go done(err)
		return
	}
	action, event := e.Body.Action(), e.Body.Event()
	key, partition := Route(action, event, e.Body.SectionName(), e.Partition)
	var headers []kafka.Header
	if e.TraceParent != "" {
		headers = []kafka.Header{{Key: traceHeader, Value: []byte(e.TraceParent)}}
	}
	p.producers.send(event, Topic(event, action), int32(partition), key, value, headers, done)
}

// about returns the log fields that name a message.
func about(e message.Envelope) []any {
	fields := []any{"message", e.Body.Action().Flow().Message, "message_id", e.ID, "event_id", int64(e.Body.Event())}
	if id := message.BookingOf(e.Body); !id.IsZero() {
		fields = append(fields, "booking_id", id.String())
	}
	return fields
}

// Bury writes a record to the dead letters.
func (p *Publisher) Bury(ctx context.Context, d port.DeadLetter) error {
	if d.Raw == nil {
		var err error
		if d.Raw, err = p.bytesOf(ctx, d); errors.Is(err, errNotThere) {
			d.Reason += " (and the record is no longer in its topic)"
		} else if err != nil {
			return err
		}
	}
	group := Group(d.Input.Event, d.Input.Action.Flow().To)
	buried.WithLabelValues(group).Inc()
	return p.producers.own.sendAndWait(ctx, DeadLettersTopic, "", d.Raw, []kafka.Header{
		{Key: "topic", Value: []byte(Topic(d.Input.Event, d.Input.Action))},
		{Key: "partition", Value: []byte(strconv.Itoa(int(d.Input.Partition)))},
		{Key: "offset", Value: []byte(strconv.FormatInt(d.Offset, 10))},
		{Key: "group", Value: []byte(group)},
		{Key: "reason", Value: []byte(d.Reason)},
	})
}

// bytesOf reads the record of a letter again. The seat owner buries what the
// journal says was rejected, and has no bytes of it.
func (p *Publisher) bytesOf(ctx context.Context, d port.DeadLetter) (raw []byte, err error) {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	err = p.ranges.read(ctx, place{Topic(d.Input.Event, d.Input.Action), int32(d.Input.Partition)}, d.Offset, d.Offset+1, func(m *kafka.Message) { raw = m.Value })
	return raw, err
}
