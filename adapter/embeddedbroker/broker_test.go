package embeddedbroker_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
)

// limit lets this process have so many files open in addition to those it has. It
// returns a function that takes the limit back.
func limit(t *testing.T, more int) (back func()) {
	t.Helper()
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was); err != nil {
		t.Fatal(err)
	}
	back = func() { _ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was) }
	t.Cleanup(back)
	low := syscall.Rlimit{Cur: uint64(len(names) - 1 + more), Max: was.Max} // reading the directory took one
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	return back
}

func start(t *testing.T, dir string, most int) *embeddedbroker.Broker {
	t.Helper()
	b, err := embeddedbroker.StartLimited(dir, 0, most)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func connect(t *testing.T, b *embeddedbroker.Broker, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(more, kgo.SeedBrokers(b.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// create creates topics of ten partitions. It returns the answer for each.
func create(t *testing.T, c *kgo.Client, names ...string) map[string]error {
	t.Helper()
	request := kmsg.NewPtrCreateTopicsRequest()
	for _, name := range names {
		topic := kmsg.NewCreateTopicsRequestTopic()
		topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, 10, 1
		request.Topics = append(request.Topics, topic)
	}
	answer, err := request.RequestWith(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]error{}
	for _, topic := range answer.Topics {
		if got[topic.Topic] = kerr.ErrorForCode(topic.ErrorCode); topic.ErrorMessage != nil {
			got[topic.Topic] = fmt.Errorf("%w: %s", got[topic.Topic], *topic.ErrorMessage)
		}
	}
	return got
}

// The files of a hundred topics would need ten times the descriptors that there are.
func TestManyEventsOnFewDescriptors(t *testing.T) {
	dir := t.TempDir()
	b := start(t, dir, 0)
	limit(t, 200)
	c := connect(t, b)
	var topics []string
	for n := range 100 {
		topic := fmt.Sprintf("topic-%d", n)
		topics = append(topics, topic)
		if got := create(t, c, topic); got[topic] != nil {
			t.Fatalf("after %d topics: %v", n, got)
		}
		var records []*kgo.Record
		for p := range int32(10) {
			records = append(records, &kgo.Record{Topic: topic, Partition: p, Value: []byte(topic)})
		}
		if err := c.ProduceSync(t.Context(), records...).FirstErr(); err != nil {
			t.Fatalf("after %d topics: %v", n, err)
		}
	}
	read := func(b *embeddedbroker.Broker) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for _, topic := range topics {
			reader := connect(t, b, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
			for n := 0; n < 10; {
				got := reader.PollFetches(ctx) // some have errors, until files are closed again
				if ctx.Err() != nil {
					t.Fatalf("%s: %d records, %v", topic, n, got.Err())
				}
				got.EachRecord(func(r *kgo.Record) {
					if n++; string(r.Value) != topic {
						t.Errorf("%s has %s", topic, r.Value)
					}
				})
			}
			reader.Close()
		}
	}
	read(b)
	c.Close()
	b.Close()
	read(start(t, dir, 0))
}

func TestListensAgainWhenThereAreDescriptors(t *testing.T) {
	b := start(t, t.TempDir(), 0)
	back := limit(t, 1) // for the client's side of the connection
	conn, err := net.Dial("tcp", b.Addr())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	time.Sleep(100 * time.Millisecond) // the broker cannot accept it
	back()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := connect(t, b).Ping(ctx); err != nil {
		t.Error(err)
	}
}

func TestRefusesTopics(t *testing.T) {
	c := connect(t, start(t, t.TempDir(), 30))
	if got := create(t, c, "a", "b"); got["a"] != nil || got["b"] != nil {
		t.Fatal(got)
	}
	got := create(t, c, "b", "c", "d")
	if !errors.Is(got["b"], kerr.TopicAlreadyExists) || !errors.Is(got["c"], kerr.PolicyViolation) || !errors.Is(got["d"], kerr.PolicyViolation) {
		t.Error(got)
	}
	if text := got["d"].Error(); !strings.Contains(text, "20 of at most 30") {
		t.Errorf("no figure: %s", text)
	}
	if got := create(t, c, "b", "c"); !errors.Is(got["b"], kerr.TopicAlreadyExists) || got["c"] != nil {
		t.Errorf("one more: %v", got)
	}
	if got := create(t, c, "a", "b", "c"); !errors.Is(got["c"], kerr.TopicAlreadyExists) {
		t.Errorf("they exist: %v", got)
	}
	deletion := kmsg.NewPtrDeleteTopicsRequest()
	deletion.TopicNames = []string{"a"}
	topic := kmsg.NewDeleteTopicsRequestTopic()
	topic.Topic = kmsg.StringPtr("a")
	deletion.Topics = append(deletion.Topics, topic)
	if _, err := deletion.RequestWith(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if got := create(t, c, "d"); got["d"] != nil {
		t.Errorf("there is room again: %v", got)
	}
}
