package kafkabus

import (
	"context"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.InputEnds = (*Cluster)(nil)

// inbound returns the topics that the service reads of an event, and the action of
// each.
func (c *Cluster) inbound(event domain.EventID) (topics []string, actions map[string]message.Action) {
	actions = map[string]message.Action{}
	for _, a := range message.Inbound(c.Service) {
		topic := Topic(event, a)
		topics, actions[topic] = append(topics, topic), a
	}
	return topics, actions
}

// inputs makes inputs of partitions of an event.
func (c *Cluster) inputs(ctx context.Context, event domain.EventID, partitions []kafka.TopicPartition) (map[place]port.Input, error) {
	topics, actions := c.inbound(event)
	ids, err := c.ids(ctx, topics)
	if err != nil {
		return nil, err
	}
	inputs := map[place]port.Input{}
	for _, p := range partitions {
		inputs[place{*p.Topic, p.Partition}] = port.Input{Event: event, Action: actions[*p.Topic], Partition: domain.Partition(p.Partition),
			Cluster: c.id, TopicID: ids[*p.Topic]}
	}
	return inputs, nil
}

// inputEnds asks for the end of each input.
func (c *Cluster) inputEnds(ctx context.Context, inputs map[place]port.Input, partitions []kafka.TopicPartition) (map[port.Input]int64, error) {
	found, err := c.ends(ctx, partitions)
	if err != nil {
		return nil, err
	}
	ends := map[port.Input]int64{}
	for at, end := range found {
		ends[inputs[at]] = end
	}
	return ends, nil
}

// InputEnds returns the ends of all inputs of an event.
func (c *Cluster) InputEnds(ctx context.Context, event domain.EventID) (map[port.Input]int64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	topics, _ := c.inbound(event)
	var all []kafka.TopicPartition
	for i := range topics {
		for p := range int32(domain.Partitions) {
			all = append(all, kafka.TopicPartition{Topic: &topics[i], Partition: p})
		}
	}
	inputs, err := c.inputs(ctx, event, all)
	if err != nil {
		return nil, err
	}
	return c.inputEnds(ctx, inputs, all)
}
