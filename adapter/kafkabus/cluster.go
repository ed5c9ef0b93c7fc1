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

	"github.com/onsale-tickets/onsale/adapter/crashpoint"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// Config names the cluster, and the server that uses it.
type Config struct {
	Brokers  string          // host:port,…
	ServerID string          // unique among the servers of a service
	Service  message.Service // whose topics and groups
	Security Security
	// Replicas is how many each new topic has; 0 means one. With three or more,
	// all but one of them must have a record before it is acknowledged.
	Replicas int
	Log      *slog.Logger
}

// maxRecord is the largest size of a record in bytes: that of an irregular hall.
const maxRecord = 4 << 20

// Cluster is shared by all parts of the adapter.
type Cluster struct {
	Config
	admin    *kafka.AdminClient
	id       string
	guards   guards
	mu       sync.Mutex
	topicIDs map[string]string
}

// Connect creates the topics that all services share, and asks for the cluster's
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
			c.Log.Warn("waiting for a broker", "brokers", c.Brokers, "error", err)
			said = true
		}
	}
}

// Close closes the connection.
func (c *Cluster) Close() {
	c.guards.stop()
	<-c.guards.ended
	c.admin.Close()
}

// settings returns the settings of every client.
func (c Config) settings() kafka.ConfigMap {
	settings := kafka.ConfigMap{
		"bootstrap.servers": c.Brokers, "client.id": string(c.Service) + "-" + c.ServerID,
		"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 200, "retry.backoff.ms": 5, "retry.backoff.max.ms": 100,
		"message.max.bytes": maxRecord, "socket.keepalive.enable": true, "log.connection.close": false, "enable.metrics.push": false,
	}
	c.Security.apply(settings)
	return settings
}

// topic specifies a topic to be created. Its records are kept for ever, unless
// settings say otherwise.
func (c Config) topic(name string, partitions int, settings map[string]string) kafka.TopicSpecification {
	replicas := max(c.Replicas, 1)
	all := map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": fmt.Sprint(maxRecord), "min.insync.replicas": fmt.Sprint(max(replicas-1, 1))}
	maps.Copy(all, settings)
	return kafka.TopicSpecification{Topic: name, NumPartitions: partitions, ReplicationFactor: replicas, Config: all}
}

// reading returns the settings of every consumer. wait is how long a broker holds
// a fetch that finds nothing. A change of the assignment can take as long.
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
		c.topic(wakesTopic, 1, map[string]string{"cleanup.policy": "compact"}),
	})
}

// create creates the topics that are missing.
func (c *Cluster) create(ctx context.Context, specs []kafka.TopicSpecification) error {
	results, err := c.admin.CreateTopics(ctx, specs)
	if err != nil {
		return err
	}
	for _, r := range results {
		switch r.Error.Code() {
		case kafka.ErrNoError, kafka.ErrTopicAlreadyExists:
		case kafka.ErrPolicyViolation, kafka.ErrInvalidPartitions: // ten partitions are valid, only too many in all
			return fmt.Errorf("%w: create topic %s: %w", ticketing.TooManyEvents, r.Topic, r.Error)
		default:
			return fmt.Errorf("create topic %s: %w", r.Topic, r.Error)
		}
	}
	return nil
}

var _ port.EventTopics = (*Cluster)(nil)

// createLimit is how long the brokers may take for the topics of an event.
const createLimit = 30 * time.Second

// Create creates the topics of an event. It returns the journal's topic id when
// the brokers know all topics and their leaders. A group that is joined before
// that may divide them unevenly, and a message that is sent before that may time
// out.
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
			crashpoint.At(crashpoint.TopicsCreated)
			return ids[JournalTopic(event)], nil
		}
		if !notYet(err) {
			return "", err
		}
		select { // brokers hear of a topic a little later than the controller
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return "", err
		}
	}
}

// notYet reports whether a topic may be known, or have its leaders, a little later.
func notYet(err error) bool {
	var e kafka.Error
	return errors.As(err, &e) && (e.Code() == kafka.ErrUnknownTopicOrPart || e.Code() == kafka.ErrLeaderNotAvailable)
}

// ids returns the ids of topics that exist, each with all its leaders. An id is
// asked for once: a topic that is created anew is seen after a restart.
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
