package kafkabus_test

import (
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

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
