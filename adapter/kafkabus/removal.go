package kafkabus

import (
	"context"
	"fmt"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/wake"
	"github.com/onsale-tickets/onsale/port"
)

// Removal removes what the brokers have of events that are archived.
type Removal struct {
	cluster  *Cluster
	producer *producer
}

var _ port.EventRemoval = (*Removal)(nil)

// NewRemoval returns a removal that writes with the producer of a publisher.
func NewRemoval(c *Cluster, p *Publisher) *Removal { return &Removal{c, p.producers.own} }

// removeLimit is how long the brokers may take to remove the topics of an event.
const removeLimit = time.Minute

// TopicIDs asks the brokers. What this process remembers may be of a topic that was
// removed by another.
func (r *Removal) TopicIDs(ctx context.Context, event domain.EventID) ([]string, error) {
	result, err := r.cluster.admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames(Topics(event)))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, d := range result.TopicDescriptions {
		switch d.Error.Code() {
		case kafka.ErrNoError:
			ids = append(ids, d.TopicID.String())
		case kafka.ErrUnknownTopicOrPart, kafka.ErrUnknownTopic:
		default:
			return nil, fmt.Errorf("topic %s: %w", d.Name, d.Error)
		}
	}
	return ids, nil
}

// RemoveTopics removes groups first: their names follow from the event alone, so a
// repeat finds those that are left.
func (r *Removal) RemoveTopics(ctx context.Context, event domain.EventID) error {
	ctx, cancel := context.WithTimeout(ctx, removeLimit)
	defer cancel()
	if err := r.removeGroups(ctx, event); err != nil {
		return err
	}
	topics := Topics(event)
	results, err := r.cluster.admin.DeleteTopics(ctx, topics)
	if err != nil {
		return err
	}
	for _, result := range results {
		if code := result.Error.Code(); code != kafka.ErrNoError && code != kafka.ErrUnknownTopicOrPart && code != kafka.ErrUnknownTopic {
			return fmt.Errorf("delete topic %s: %w", result.Topic, result.Error)
		}
	}
	r.cluster.forget(topics)
	for {
		left, err := r.listed(topics)
		if err == nil && left == "" {
			return nil
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			if err == nil {
				err = fmt.Errorf("the brokers still list %s", left)
			}
			return err
		}
	}
}

// listed returns a topic that the brokers still list, or an empty string.
func (r *Removal) listed(topics []string) (string, error) {
	all, err := r.cluster.admin.GetMetadata(nil, true, 5000)
	if err != nil {
		return "", err
	}
	for _, t := range topics {
		if is, ok := all.Topics[t]; ok && is.Error.Code() == kafka.ErrNoError {
			return t, nil
		}
	}
	return "", nil
}

// removeGroups removes the groups of an event. A member that is still in its group
// leaves it when it hears that the event is archived.
func (r *Removal) removeGroups(ctx context.Context, event domain.EventID) error {
	for _, s := range []message.Service{message.BookingService, message.SeatReservation, message.EventTicketing} {
		group := Group(event, s)
		for {
			err := r.removeGroup(ctx, group)
			if err == nil {
				break
			}
			select {
			case <-time.After(500 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("delete group %s: %w", group, err)
			}
		}
	}
	return nil
}

func (r *Removal) removeGroup(ctx context.Context, group string) error {
	attempt, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	result, err := r.cluster.admin.DeleteConsumerGroups(attempt, []string{group})
	if err != nil {
		return err
	}
	for _, one := range result.ConsumerGroupResults {
		if code := one.Error.Code(); code != kafka.ErrNoError && code != kafka.ErrGroupIDNotFound {
			return one.Error
		}
	}
	return nil
}

// RemoveWakes writes tombstones. The brokers remove both when they compact the log.
func (r *Removal) RemoveWakes(ctx context.Context, event domain.EventID) error {
	for _, key := range wake.Keys(event) {
		if err := r.producer.sendAndWait(ctx, wakesTopic, key, nil, nil); err != nil {
			return err
		}
	}
	return nil
}

// forget drops what is remembered of topics.
func (c *Cluster) forget(topics []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, t := range topics {
		delete(c.topicIDs, t)
	}
}
