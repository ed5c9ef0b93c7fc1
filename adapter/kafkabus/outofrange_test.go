package kafkabus_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
)

// read passes on what is read of a journal.
type read chan journal.Entry

func (r read) Read(_ domain.EventID, _ domain.Partition, entries []journal.Entry) {
	for _, e := range entries {
		r <- e
	}
}

// A journal that ends before what was read of it (the broker lost records) ends the
// Follow of its event. Other events are followed on, and the event can be followed
// again.
func TestAJournalThatLostRecordsStopsItsEventAlone(t *testing.T) { onEachBroker(t, lostRecords) }

// twoJournals returns the journals of two new events, with the ids of their topics.
func twoJournals(t *testing.T, addr string) (*kafkabus.Journal, map[domain.EventID]string) {
	t.Helper()
	cluster := connect(t, addr, message.SeatReservation)
	ids := map[domain.EventID]string{}
	for _, event := range []domain.EventID{1, 2} {
		id, err := cluster.Create(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		ids[event] = id
	}
	j, err := kafkabus.NewJournal(cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.Close)
	return j, ids
}

// appendAll appends records and returns when all are acknowledged.
func appendAll(t *testing.T, j *kafkabus.Journal, event domain.EventID, n int) {
	t.Helper()
	done := make(chan error, n)
	for range n {
		j.Append(event, 0, journal.Record{Kind: journal.ReservationRefused, Seq: 1, Section: "A", Cause: journal.Cause{Offset: -1}}, func(err error) { done <- err })
	}
	for range n {
		if err := receive(t, done, "acknowledgement"); err != nil {
			t.Fatalf("append: %v", err)
		}
	}
}

func lostRecords(t *testing.T, addr string) {
	j, ids := twoJournals(t, addr)
	ended, entries := map[domain.EventID]chan error{}, map[domain.EventID]read{1: make(read, 100), 2: make(read, 100)}
	follow := func(event domain.EventID, from int64) {
		done := make(chan error, 1)
		ended[event] = done
		go func() {
			done <- j.Follow(t.Context(), event, ids[event], map[domain.Partition]int64{0: from, 1: 0}, entries[event])
		}()
	}
	appended := func(event domain.EventID, seq uint64) {
		t.Helper()
		j.Append(event, 0, journal.Record{Kind: journal.ReservationRefused, Seq: seq, Section: "A", Cause: journal.Cause{Offset: -1}}, func(err error) {
			if err != nil {
				t.Errorf("append: %v", err)
			}
		})
		if e := receive(t, entries[event], "entry"); e.Record.Seq != seq {
			t.Errorf("read %+v", e)
		}
	}
	follow(1, 0)
	appended(1, 1)

	follow(2, 99)

	if err := receive(t, ended[2], "end of the event whose journal lost records"); err == nil {
		t.Error("it ended without an error")
	}
	appended(1, 2)
	select {
	case err := <-ended[1]:
		t.Errorf("the other event ended: %v", err)
	default:
	}
	follow(2, 0)
	appended(2, 1)
	appended(1, 3)
}

// What was gathered of another journal together with the error is passed on: the
// owner of that journal would decide without knowing it.
func TestAJournalOutOfRangeDropsNoRecordOfOthers(t *testing.T) {
	j, ids := twoJournals(t, embedded(t))
	const records, rounds = 2000, 20
	sound := make(read, records)
	go func() { _ = j.Follow(t.Context(), 1, ids[1], map[domain.Partition]int64{0: 0}, sound) }()
	failed := make(chan error)
	go func() {
		defer close(failed)
		for range rounds {
			failed <- j.Follow(t.Context(), 2, ids[2], map[domain.Partition]int64{0: 99}, make(read, 1))
		}
	}()

	for range records / 20 {
		appendAll(t, j, 1, 20)
		select {
		case err, open := <-failed:
			if open && err == nil {
				t.Error("a journal is followed that has no such offset")
			}
		default:
		}
	}

	for next := range int64(records) {
		if e := receive(t, sound, "record"); e.Offset != next {
			t.Fatalf("records %d to %d were not passed on", next, e.Offset-1)
		}
	}
	for range failed {
	}
}

// A journal that lost records in several partitions, or whose first records were
// removed, ends the Follow of its event alone.
func TestAJournalOutOfRangeInManyPartitionsStopsItsEventAlone(t *testing.T) {
	addr := embedded(t)
	j, ids := twoJournals(t, addr)
	ended, sound := make(chan error, 1), make(read, 100)
	go func() { ended <- j.Follow(t.Context(), 1, ids[1], map[domain.Partition]int64{0: 0}, sound) }()
	stillFollowed := func() {
		t.Helper()
		appendAll(t, j, 1, 1)
		receive(t, sound, "record of the other event")
		select {
		case err := <-ended:
			t.Fatalf("the other event ended: %v", err)
		default:
		}
	}
	stillFollowed()
	ahead := map[domain.Partition]int64{}
	for p := range domain.Partition(domain.Partitions) {
		ahead[p] = 99
	}
	for range 3 {
		if err := j.Follow(t.Context(), 2, ids[2], ahead, make(read, 100)); err == nil {
			t.Fatal("a journal is followed that has no such offset")
		}
		stillFollowed()
	}

	appendAll(t, j, 2, 10)
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": addr})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	topic := kafkabus.JournalTopic(2)
	if _, err := admin.DeleteRecords(t.Context(), []kafka.TopicPartition{{Topic: &topic, Partition: 0, Offset: 5}}); err != nil {
		t.Fatal(err)
	}
	if err := j.Follow(t.Context(), 2, ids[2], map[domain.Partition]int64{0: 0}, make(read, 100)); err == nil {
		t.Fatal("a journal is followed whose first records are gone")
	}
	stillFollowed()
}

// A follower stands outside of a journal, and the broker does not say where that
// begins and ends, or the journal has grown to the follower's place meanwhile. Then
// nothing of any journal is read on: who follows again compares first.
func TestAJournalOutOfRangeForReasonsUnknown(t *testing.T) {
	t.Run("the range is refused", func(t *testing.T) {
		b := brokerThatTells(t)
		b.tells.Store(refuses)
		outOfRange(t, b, func() {})
	})
	t.Run("the range is not answered", func(t *testing.T) {
		b := brokerThatTells(t)
		b.tells.Store(silent)
		outOfRange(t, b, func() {})
	})
	t.Run("the journal grows", func(t *testing.T) {
		b := brokerThatTells(t)
		outOfRange(t, b, b.grow)
	})
}

// outOfRange follows two journals, one of them from where it has no record.
func outOfRange(t *testing.T, b *teller, grow func()) {
	j, ids := twoJournals(t, b.addr)
	b.grown = sync.OnceFunc(func() { appendAll(t, j, 2, 100) })
	ended, sound, behind := make(chan error, 2), make(read, 100), make(read, 200)
	go func() { ended <- j.Follow(t.Context(), 1, ids[1], map[domain.Partition]int64{0: 0}, sound) }()
	appendAll(t, j, 1, 1)
	receive(t, sound, "record of the sound journal")
	grow()
	began := time.Now()
	go func() { ended <- j.Follow(t.Context(), 2, ids[2], map[domain.Partition]int64{0: 99}, behind) }()

	for range 2 {
		if err := receive(t, ended, "end of Follow"); err == nil {
			t.Error("Follow ends without an error")
		}
	}

	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("all journals stood still for %s", took)
	}
	if len(behind) > 0 {
		t.Errorf("record %d was passed on behind others that were never read", (<-behind).Offset)
	}
}

// teller is a broker of which a test decides how it tells the range of a log.
type teller struct {
	addr  string
	tells atomic.Int32
	armed atomic.Bool // grown is called when a follower was out of range
	grown func()
}

// How a teller tells a range.
const (
	truly int32 = iota
	refuses
	silent
)

// grow lets the journal grow between the error and the question for its range.
func (b *teller) grow() { b.armed.Store(true) }

func brokerThatTells(t *testing.T) *teller {
	t.Helper()
	c, err := kfake.NewCluster(kfake.Ports(0), kfake.NumBrokers(1), kfake.ClusterID("onsale-embedded"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	b := &teller{addr: c.ListenAddrs()[0]}
	var out atomic.Bool
	c.ControlKey(int16(kmsg.Fetch), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		for _, topic := range r.(*kmsg.FetchRequest).Topics {
			for _, p := range topic.Partitions {
				if p.FetchOffset == 99 && b.armed.Load() {
					out.Store(true)
				}
			}
		}
		return nil, nil, false
	})
	c.ControlKey(int16(kmsg.ListOffsets), func(r kmsg.Request) (kmsg.Response, error, bool) {
		c.KeepControl()
		if out.Load() {
			c.SleepControl(b.grown)
		}
		switch b.tells.Load() {
		case refuses:
			return refused(r.(*kmsg.ListOffsetsRequest)), nil, true
		case silent:
			return nil, nil, true
		}
		return nil, nil, false
	})
	return b
}

// refused is an error that is transient, for each partition.
func refused(r *kmsg.ListOffsetsRequest) kmsg.Response {
	response := r.ResponseKind().(*kmsg.ListOffsetsResponse)
	for _, asked := range r.Topics {
		topic := kmsg.ListOffsetsResponseTopic{Topic: asked.Topic}
		for _, p := range asked.Partitions {
			topic.Partitions = append(topic.Partitions, kmsg.ListOffsetsResponseTopicPartition{Partition: p.Partition, ErrorCode: kerr.KafkaStorageError.Code})
		}
		response.Topics = append(response.Topics, topic)
	}
	return response
}
