package kafkabus

import (
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
)

// manyProducers is how many producers share the events.
const manyProducers = 16

// producers are the producers of a publisher or of a journal. A producer of librdkafka
// looks at each partition that it has ever written to whenever it has something to
// send, and has one request under way: so events share several.
type producers struct {
	cluster *Cluster
	own     *producer // of our own topics, and of one share of the events

	mu   sync.Mutex
	made [manyProducers]*producer
}

func (c *Cluster) newProducers() (*producers, error) {
	p, err := c.newProducer()
	if err != nil {
		return nil, err
	}
	return &producers{cluster: c, own: p, made: [manyProducers]*producer{p}}, nil
}

// of returns the producer of an event. It is the same one each time, so that the
// records of an event stay in order.
func (p *producers) of(event domain.EventID) (*producer, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	share := uint64(event) % manyProducers
	if p.made[share] == nil {
		made, err := p.cluster.newProducer()
		if err != nil {
			return nil, err
		}
		p.made[share] = made
	}
	return p.made[share], nil
}

// send queues a record for a topic of an event. done is called once, from another
// goroutine.
func (p *producers) send(event domain.EventID, topic string, partition int32, key string, value []byte, headers []kafka.Header, done func(error)) {
	producer, err := p.of(event)
	if err != nil {
		go done(err)
		return
	}
	producer.send(topic, partition, key, value, headers, done)
}

// close closes all of them, within a time limit.
func (p *producers) close(limit time.Duration) {
	p.mu.Lock()
	made := p.made
	p.mu.Unlock() // a delivery report may send something while they close
	var all sync.WaitGroup
	for _, producer := range made {
		if producer != nil {
			all.Go(func() { producer.close(limit) })
		}
	}
	all.Wait()
}
