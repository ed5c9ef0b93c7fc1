package kafkabus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Config says which cluster, and who is asking.
type Config struct {
	Brokers  string          // host:port,…
	ServerID string          // unique among the servers of a service
	Service  message.Service // whose topics and groups
	Security Security
	// Replicas of each topic that is made, 0: one. With three or more, all but
	// one of them must have a record before it is acknowledged.
	Replicas int
	Log      *slog.Logger
}

// maxRecord is the size of the greatest record, an irregular hall, in bytes.
const maxRecord = 4 << 20

// Cluster is what the parts of the adapter share.
type Cluster struct {
	Config
	admin    *kafka.AdminClient
	id       string
	guards   guards
	mu       sync.Mutex
	topicIDs map[string]string
}

// Connect makes the topics that all services share and asks for the cluster's
// id. It waits for the brokers until ctx is done.
func Connect(ctx context.Context, c Config) (*Cluster, error) {
	settings := c.settings()
	admin, err := kafka.NewAdminClient(&settings)
	if err != nil {
		return nil, err
	}
	cluster := &Cluster{Config: c, admin: admin, topicIDs: map[string]string{},
		guards: guards{fresh: make(chan struct{}, 1), ended: make(chan struct{}), dogs: map[*watchdog]struct{}{}}}
	for said := false; ; {
		attempt, cancel := context.WithTimeout(ctx, 5*time.Second)
		cluster.id, err = admin.ClusterID(attempt)
		if err == nil {
			err = cluster.createOwnTopics(attempt)
		}
		cancel()
		if err == nil {
			watched, stop := context.WithCancel(context.Background())
			cluster.guards.stop = stop
			go cluster.watch(watched)
			return cluster, nil
		}
		if ctx.Err() != nil {
			admin.Close()
			return nil, fmt.Errorf("kafka at %s: %w", c.Brokers, err)
		}
		if !said {
			c.Log.Warn("no broker answers yet", "brokers", c.Brokers, "error", err)
			said = true
		}
	}
}

// Close lets the connection go.
func (c *Cluster) Close() {
	c.guards.stop()
	<-c.guards.ended
	c.admin.Close()
}

// settings are those of every client.
func (c Config) settings() kafka.ConfigMap {
	settings := kafka.ConfigMap{
		"bootstrap.servers": c.Brokers, "client.id": string(c.Service) + "-" + c.ServerID,
		"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 5, "retry.backoff.max.ms": 100,
		"message.max.bytes": maxRecord, "socket.keepalive.enable": true, "log.connection.close": false, "enable.metrics.push": false,
	}
	c.Security.apply(settings)
	return settings
}

// topic is one to be made; what it says is kept for ever unless settings say
// otherwise.
func (c Config) topic(name string, partitions int, settings map[string]string) kafka.TopicSpecification {
	replicas := max(c.Replicas, 1)
	all := map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": fmt.Sprint(maxRecord), "min.insync.replicas": fmt.Sprint(max(replicas-1, 1))}
	maps.Copy(all, settings)
	return kafka.TopicSpecification{Topic: name, NumPartitions: partitions, ReplicationFactor: replicas, Config: all}
}

// reading are the settings of every consumer. wait is how long a broker holds
// a fetch that finds nothing; it is also how long a change of the assignment
// can take.
func (c Config) reading(group string, wait time.Duration) kafka.ConfigMap {
	settings := c.settings()
	for k, v := range (kafka.ConfigMap{
		"group.id": group, "enable.auto.commit": false, "enable.auto.offset.store": false, "auto.offset.reset": "error",
		"fetch.wait.max.ms": int(wait.Milliseconds()), "fetch.min.bytes": 1, "fetch.message.max.bytes": maxRecord,
		"fetch.max.bytes": 8 * maxRecord, "receive.message.max.bytes": 9 * maxRecord, "fetch.error.backoff.ms": 20,
		"queued.max.messages.kbytes": 16384, "allow.auto.create.topics": false,
	}) {
		settings[k] = v
	}
	return settings
}

func (c *Cluster) createOwnTopics(ctx context.Context) error {
	return c.create(ctx, []kafka.TopicSpecification{
		c.topic(catalogueTopic, 1, map[string]string{"cleanup.policy": "compact"}),
		c.topic(endedSessionsTopic, 1, map[string]string{"cleanup.policy": "compact,delete", "retention.ms": fmt.Sprint(sessionsKept.Milliseconds())}),
		c.topic(DeadLettersTopic, 1, nil),
	})
}

// create makes topics that are missing.
func (c *Cluster) create(ctx context.Context, specs []kafka.TopicSpecification) error {
	results, err := c.admin.CreateTopics(ctx, specs)
	if err != nil {
		return err
	}
	for _, r := range results {
		if code := r.Error.Code(); code != kafka.ErrNoError && code != kafka.ErrTopicAlreadyExists {
			return fmt.Errorf("create topic %s: %w", r.Topic, r.Error)
		}
	}
	return nil
}

var _ port.EventTopics = (*Cluster)(nil)

// createLimit is how long the brokers may take for the topics of an event.
const createLimit = 30 * time.Second

// Create makes the topics of an event and answers the journal's topic id, once
// the brokers know all of them, with their leaders: a group that is joined before
// that may divide them unevenly, and what is sent before that may time out.
func (c *Cluster) Create(ctx context.Context, event domain.EventID) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, createLimit)
	defer cancel()
	var specs []kafka.TopicSpecification
	for _, topic := range Topics(event) {
		specs = append(specs, c.topic(topic, domain.Partitions, nil))
	}
	if err := c.create(ctx, specs); err != nil {
		return "", err
	}
	for {
		ids, err := c.ids(ctx, Topics(event))
		if err == nil {
			return ids[JournalTopic(event)], nil
		}
		if !notYet(err) {
			return "", err
		}
		select { // a broker hears of a topic a little later than its controller
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return "", err
		}
	}
}

func notYet(err error) bool {
	var e kafka.Error
	return errors.As(err, &e) && (e.Code() == kafka.ErrUnknownTopicOrPart || e.Code() == kafka.ErrLeaderNotAvailable)
}

// ids are the cluster's ids of topics that exist. They are asked for once: a
// topic that is made anew is seen after a restart.
func (c *Cluster) ids(ctx context.Context, topics []string) (map[string]string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]string{}
	var unknown []string
	for _, t := range topics {
		if id, ok := c.topicIDs[t]; ok {
			out[t] = id
		} else {
			unknown = append(unknown, t)
		}
	}
	if len(unknown) == 0 {
		return out, nil
	}
	result, err := c.admin.DescribeTopics(ctx, kafka.NewTopicCollectionOfTopicNames(unknown))
	if err != nil {
		return nil, err
	}
	for _, d := range result.TopicDescriptions {
		if d.Error.Code() != kafka.ErrNoError {
			return nil, fmt.Errorf("topic %s: %w", d.Name, d.Error)
		}
		for _, p := range d.Partitions {
			if p.Leader == nil || p.Leader.ID < 0 {
				return nil, fmt.Errorf("topic %s [%d]: %w", d.Name, p.Partition, kafka.NewError(kafka.ErrLeaderNotAvailable, "no leader", false))
			}
		}
		out[d.Name] = d.TopicID.String()
		c.topicIDs[d.Name] = out[d.Name]
	}
	return out, nil
}
