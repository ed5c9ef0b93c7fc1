package embeddedbroker

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// slowDisk syncs when the test lets it, and remembers which part of each file a loss of
// power would leave.
type slowDisk struct {
	held   sync.RWMutex // locked by the test: no sync ends
	broken atomic.Bool
	syncs  atomic.Int64
	gates  sync.Map // name of a partition → channel: its syncs wait until that is closed

	mu      sync.Mutex
	durable map[string]int64
}

func (d *slowDisk) sync(f *os.File) error {
	d.held.RLock()
	defer d.held.RUnlock()
	if gate, has := d.gates.Load(filepath.Base(filepath.Dir(f.Name()))); has {
		<-gate.(chan struct{})
	}
	time.Sleep(2 * time.Millisecond) // a slow disk, so that records come while it works
	if d.broken.Load() {
		return errors.New("broken")
	}
	d.syncs.Add(1)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.durable == nil {
		d.durable = map[string]int64{}
	}
	d.durable[f.Name()] = info.Size()
	return f.Sync()
}

// afterPowerLoss returns a copy of dir with what was durable. Files that nothing was
// appended to are whole.
func (d *slowDisk) afterPowerLoss(t *testing.T, dir string) string {
	t.Helper()
	d.mu.Lock()
	durable := maps.Clone(d.durable)
	d.mu.Unlock()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	err := filepath.WalkDir(to, func(path string, _ fs.DirEntry, err error) error {
		name, _ := filepath.Rel(to, path)
		switch {
		case err != nil:
			return err
		case strings.HasSuffix(path, ".idx"):
			return os.Truncate(path, 0) // it is never synced
		case strings.HasSuffix(path, ".dat"), strings.HasSuffix(path, ".log"):
			return os.Truncate(path, durable[filepath.Join(dir, name)])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return to
}

func startOn(t *testing.T, dir string, d *slowDisk) *Broker {
	t.Helper()
	b, err := start(dir, 0, 0, func(l net.Listener) net.Listener { return l }, d.sync)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func dial(t *testing.T, b *Broker, more ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := kgo.NewClient(append(more, kgo.SeedBrokers(b.Addr()), kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func makeTopic(t *testing.T, c *kgo.Client, partitions int32) {
	t.Helper()
	request := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = "t", partitions, 1
	request.Topics = append(request.Topics, topic)
	if answer, err := request.RequestWith(t.Context(), c); err != nil || answer.Topics[0].ErrorCode != 0 {
		t.Fatal(answer, err)
	}
}

func record(partition int32, value string) *kgo.Record {
	return &kgo.Record{Topic: "t", Partition: partition, Value: []byte(value)}
}

// read returns the records of a consumer until it has n, or none came for a second.
func read(c *kgo.Client, n int) map[string]bool {
	got := map[string]bool{}
	for len(got) < n {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		fetches := c.PollFetches(ctx)
		cancel()
		if fetches.NumRecords() == 0 {
			return got
		}
		fetches.EachRecord(func(r *kgo.Record) { got[string(r.Value)] = true })
	}
	return got
}

// TestNobodyLearnsOfARecordBeforeItIsDurable holds the disk: neither the producer nor a
// consumer may see the record.
func TestNobodyLearnsOfARecordBeforeItIsDurable(t *testing.T) {
	d := &slowDisk{}
	b := startOn(t, t.TempDir(), d)
	producer, consumer := dial(t, b), dial(t, b, kgo.ConsumeTopics("t"))
	makeTopic(t, producer, 1)
	if err := producer.ProduceSync(t.Context(), record(0, "first")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if got := read(consumer, 1); !got["first"] {
		t.Fatal("the first record was not read")
	}
	d.held.Lock()
	acknowledged := make(chan error, 1)
	producer.Produce(context.Background(), record(0, "held"), func(_ *kgo.Record, err error) { acknowledged <- err })
	if got := read(consumer, 1); len(got) != 0 {
		t.Error("a consumer got a record that is not durable")
	}
	select {
	case <-acknowledged:
		t.Error("the producer was told of a record that is not durable")
	default:
	}
	d.held.Unlock()
	if err := <-acknowledged; err != nil {
		t.Error(err)
	}
	if got := read(consumer, 1); !got["held"] {
		t.Error("the record was not read once it was durable")
	}
}

// TestARecordWaitsForItsOwnRound lets a record come while a round runs without it. It
// is durable at the end of the next one only.
func TestARecordWaitsForItsOwnRound(t *testing.T) {
	d := &slowDisk{}
	dir := t.TempDir()
	b := startOn(t, dir, d)
	makeTopic(t, dial(t, b), 2)
	producers := [2]*kgo.Client{dial(t, b), dial(t, b)}
	for partition, producer := range producers { // it gets its id, which is stored, too
		if err := producer.ProduceSync(t.Context(), record(int32(partition), "first")).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	gates, acknowledged := [2]chan struct{}{make(chan struct{}), make(chan struct{})}, [2]chan error{make(chan error, 1), make(chan error, 1)}
	for partition, gate := range gates {
		name := fmt.Sprintf("t-%d", partition)
		written := func() int64 {
			info, err := os.Stat(filepath.Join(dir, "partitions", name, "0.dat"))
			if err != nil {
				t.Fatal(err)
			}
			return info.Size()
		}
		before := written()
		d.gates.Store(name, gate)
		producers[partition].Produce(t.Context(), record(int32(partition), "second"), func(_ *kgo.Record, err error) { acknowledged[partition] <- err })
		for written() == before {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(100 * time.Millisecond) // its answer waits
	}

	close(gates[0])

	if err := <-acknowledged[0]; err != nil {
		t.Error(err)
	}
	time.Sleep(100 * time.Millisecond)
	if len(acknowledged[1]) > 0 {
		t.Error("a record was acknowledged at the end of a round that had begun before it")
	}
	close(gates[1])
	if err := <-acknowledged[1]; err != nil {
		t.Error(err)
	}
}

// TestLossOfPower starts a broker on what a loss of power leaves, at many moments while
// records are written: each acknowledged record is there.
func TestLossOfPower(t *testing.T) {
	d := &slowDisk{}
	dir := t.TempDir()
	b := startOn(t, dir, d)
	producer := dial(t, b)
	makeTopic(t, producer, 20)
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for n := range 2000 {
		value := strconv.Itoa(n)
		producer.Produce(context.Background(), record(int32(n%20), value), func(_ *kgo.Record, err error) {
			mu.Lock()
			defer mu.Unlock()
			if acknowledged[value] = true; err != nil {
				t.Error(err)
			}
		})
		if n%700 != 699 {
			continue
		}
		mu.Lock()
		told := maps.Clone(acknowledged)
		mu.Unlock()
		after := startOn(t, d.afterPowerLoss(t, dir), &slowDisk{})
		got := read(dial(t, after, kgo.ConsumeTopics("t"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart())), math.MaxInt)
		for value := range told {
			if !got[value] {
				t.Fatalf("record %s was acknowledged and is lost, among %d", value, len(told))
			}
		}
		t.Logf("%d records acknowledged, %d found", len(told), len(got))
		after.Close()
	}
	if err := producer.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestOneWaitForManyPartitions holds the disk during records of many partitions. The
// records of all others are synced in one round after that.
func TestOneWaitForManyPartitions(t *testing.T) {
	d := &slowDisk{}
	b := startOn(t, t.TempDir(), d)
	producer := dial(t, b, kgo.ProducerLinger(0))
	makeTopic(t, producer, 50)
	d.held.Lock()
	var done sync.WaitGroup
	for n := range 500 {
		done.Add(1)
		producer.Produce(context.Background(), record(int32(n%50), "x"), func(_ *kgo.Record, err error) {
			defer done.Done()
			if err != nil {
				t.Error(err)
			}
		})
	}
	before := d.syncs.Load()
	d.held.Unlock()
	done.Wait()
	if n := d.syncs.Load() - before; n > 250 {
		t.Errorf("500 records of 50 partitions took %d syncs", n)
	}
}

// TestADiskThatFails lets a sync fail. Nobody is told of anything after that, even when
// later syncs succeed.
func TestADiskThatFails(t *testing.T) {
	d := &slowDisk{}
	b := startOn(t, t.TempDir(), d)
	producer := dial(t, b, kgo.DisableIdempotentWrite(), kgo.RecordDeliveryTimeout(3*time.Second)) // an idempotent one tries for ever
	makeTopic(t, producer, 1)
	if err := producer.ProduceSync(t.Context(), record(0, "first")).FirstErr(); err != nil {
		t.Fatal(err)
	}
	d.broken.Store(true)
	failed := make(chan error, 1)
	producer.Produce(context.Background(), record(0, "lost"), func(_ *kgo.Record, err error) { failed <- err })
	if err := <-failed; err == nil {
		t.Error("a record was acknowledged that the disk refused")
	}
	d.broken.Store(false)
	if err := dial(t, b, kgo.DisableIdempotentWrite(), kgo.RecordDeliveryTimeout(3*time.Second)).ProduceSync(t.Context(), record(0, "after")).FirstErr(); err == nil {
		t.Error("a record was acknowledged after the disk failed")
	}
}
