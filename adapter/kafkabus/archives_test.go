package kafkabus_test

import (
	"slices"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

func TestSleep(t *testing.T) { onEachBroker(t, asleep) }

// asleep checks what somebody reads of the log who does not follow it.
func asleep(t *testing.T, addr string) {
	cluster := connect(t, addr, message.EventTicketing)
	is := func(what string, e ticketing.CatalogueEvent, want bool) {
		t.Helper()
		if got, err := kafkabus.NewSleep(cluster).Asleep(t.Context(), e); got != want || err != nil {
			t.Errorf("%s: asleep %v, %v", what, got, err)
		}
	}
	bare, event := ticketing.CatalogueEvent{ID: 1}, ticketing.CatalogueEvent{ID: 1, JournalTopicID: "journal"}
	is("an event without topics that was never woken", bare, true)
	is("an event of a version without the log", event, false)

	views := viewsOf(t, addr)
	if err := views[0].Wake(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	is("an event that was woken and has no topics yet", bare, false)
	rest := func() {
		t.Helper()
		for _, v := range views {
			_, after := v.Tired(0)
			if err := v.Rest(t.Context(), 1, after, 5); err != nil {
				t.Fatal(err)
			}
		}
	}
	read := func(records int64) {
		t.Helper()
		for limit := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
			if !slices.ContainsFunc(views, func(v *kafkabus.Wakes) bool { _, next := v.Tired(0); return next < records }) {
				return
			}
			if time.Now().After(limit) {
				t.Fatal("a view has not read the log")
			}
		}
	}
	read(1)
	rest()
	is("an event about which all have rested once", event, false)
	read(4)
	rest()
	is("an event about which all have rested twice", event, true)
	is("another event", ticketing.CatalogueEvent{ID: 2, JournalTopicID: "journal"}, false)
}

// viewsOf returns the views of the three services, which follow the log.
func viewsOf(t *testing.T, addr string) (views []*kafkabus.Wakes) {
	t.Helper()
	for _, s := range []message.Service{message.BookingService, message.SeatReservation, message.EventTicketing} {
		cluster := connect(t, addr, s)
		catalogue, err := kafkabus.NewCatalogue(cluster)
		if err != nil {
			t.Fatal(err)
		}
		publisher, err := kafkabus.NewPublisher(cluster)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(publisher.Close)
		v, err := kafkabus.NewWakes(cluster, publisher, catalogue, time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		start(t, catalogue.Run)
		start(t, v.Run)
		views = append(views, v)
	}
	return views
}

func TestRemoval(t *testing.T) { onEachBroker(t, removal) }

func removal(t *testing.T, addr string) {
	cluster := connect(t, addr, message.EventTicketing)
	publisher, err := kafkabus.NewPublisher(cluster)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(publisher.Close)
	r := kafkabus.NewRemoval(cluster, publisher)
	for id := range domain.EventID(2) {
		if _, err := cluster.Create(t.Context(), 1+id); err != nil {
			t.Fatal(err)
		}
		member(t, addr, 1+id)()
	}
	topics := func(event domain.EventID, want int) (ids []string) {
		t.Helper()
		ids, err := r.TopicIDs(t.Context(), event)
		if err != nil || len(ids) != want {
			t.Errorf("event %d has topics %v, %v", event, ids, err)
		}
		return ids
	}
	remove := func(event domain.EventID) {
		t.Helper()
		if err := r.RemoveTopics(t.Context(), event); err != nil {
			t.Errorf("event %d: %v", event, err)
		}
	}
	before := topics(1, 10)

	remove(1)

	topics(1, 0)
	topics(2, 10)
	if got := groupsOf(t, addr); !slices.Equal(got, []string{kafkabus.Group(2, message.BookingService)}) {
		t.Errorf("groups %v", got)
	}
	remove(1)  // again
	remove(99) // it never had any
	if _, err := cluster.Create(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if after := topics(1, 10); slices.ContainsFunc(after, func(id string) bool { return slices.Contains(before, id) }) {
		t.Errorf("ids %v before and %v after", before, after)
	}

	leave := member(t, addr, 2)
	go func() {
		time.Sleep(time.Second) // a server that hears late of the archive
		leave()
	}()
	remove(2)
	topics(2, 0)

	views := viewsOf(t, addr)
	event := ticketing.CatalogueEvent{ID: 3}
	if err := views[0].Wake(t.Context(), event.ID); err != nil {
		t.Fatal(err)
	}
	if is, err := kafkabus.NewSleep(cluster).Asleep(t.Context(), event); is || err != nil {
		t.Errorf("asleep %v, %v", is, err)
	}
	for range 2 {
		if err := r.RemoveWakes(t.Context(), event.ID); err != nil {
			t.Fatal(err)
		}
	}
	for limit := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		if _, next := views[1].Tired(0); next >= 15 { // the wake-up, and seven tombstones twice
			break
		}
		if time.Now().After(limit) {
			t.Fatal("the view does not read past the tombstones")
		}
	}
}

// member joins the group of booking-service for an event.
func member(t *testing.T, addr string, event domain.EventID) (leave func()) {
	t.Helper()
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": addr, "group.id": kafkabus.Group(event, message.BookingService), "enable.metrics.push": false})
	if err != nil {
		t.Fatal(err)
	}
	topic := kafkabus.Topic(event, message.BookingToFailed)
	assigned := make(chan bool, 1)
	err = c.Subscribe(topic, func(_ *kafka.Consumer, e kafka.Event) error {
		if _, is := e.(kafka.AssignedPartitions); is {
			assigned <- true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for limit := time.Now().Add(30 * time.Second); len(assigned) == 0; {
		c.Poll(100)
		if time.Now().After(limit) {
			t.Fatal("no assignment")
		}
	}
	if _, err := c.CommitOffsets([]kafka.TopicPartition{{Topic: &topic, Partition: 0, Offset: 0}}); err != nil {
		t.Fatal(err)
	}
	return func() { _ = c.Close() }
}

// groupsOf returns the groups of events.
func groupsOf(t *testing.T, addr string) (ids []string) {
	t.Helper()
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": addr, "enable.metrics.push": false})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	all, err := admin.ListConsumerGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range all.Valid {
		ids = append(ids, g.GroupID)
	}
	return ids
}
