package api_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// F19, F30: records that cannot be decoded become dead letters, and the section
// goes on.
func TestF19_F30_DeadLetters(t *testing.T) { e2e.OnEach(t, testDeadLetters) }

func testDeadLetters(t *testing.T, on e2e.Broker) {
	t.Parallel()
	in := e2e.Start(t, on)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	producer, err := kafka.NewProducer(&kafka.ConfigMap{"bootstrap.servers": in.Kafka()})
	if err != nil {
		t.Fatal(err)
	}
	defer producer.Close()
	sent := map[string]string{} // by topic, partition and offset
	send := func(name, key, value string, partition int32) {
		t.Helper()
		reports := make(chan kafka.Event, 1)
		if err := producer.Produce(&kafka.Message{TopicPartition: kafka.TopicPartition{Topic: &name, Partition: partition}, Key: []byte(key), Value: []byte(value)}, reports); err != nil {
			t.Fatal(err)
		}
		m := (<-reports).(*kafka.Message)
		if m.TopicPartition.Error != nil {
			t.Fatal(m.TopicPartition.Error)
		}
		sent[fmt.Sprintf("%s %d %d", name, partition, m.TopicPartition.Offset)] = value
	}
	buyer.Answered(buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 1}).ID) // the event has topics now
	failures := e2e.Topic("update-booking-status-to-failed", "seat-reservation-service", "booking-service")
	requests := e2e.Topic("ticket-reserving-request-in-rocksdb", "booking-service", "seat-reservation-service")
	send(requests, "event-1-section-A-partition-0", "\xff{", 0)                                              // F19: not JSON
	send(requests, "event-1-section-A-partition-0", `{"specversion": "1.0", "id": "x", "type": "Other"}`, 0) // another message
	send(e2e.Topic("update-ticket-status-to-paid-in-postgresql", "booking-service", "event-ticketing-service"), "event-1", "?", 1)
	send(failures, "event-1", "?", 1)
	b := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	if got := buyer.Answered(b.ID); got.Status != "pending_payment" {
		t.Errorf("%+v", got)
	}
	// F30: the same request on the partition of another section, with its own key
	// and with a key for that partition. F19: the request with an unknown version
	// and with a bad field, for this booking and for one that does not exist.
	const agreeing, unknown = "event-1-section-A-partition-5", "01890000-0000-7000-8000-000000000000"
	for _, m := range in.ReadTopic(t, requests) {
		if !bytes.Contains(m.Value, []byte(b.ID)) {
			continue
		}
		key, request := string(m.Key), string(m.Value)
		newer := strings.Replace(request, `"dataversion":1`, `"dataversion":2`, 1)
		bad := strings.Replace(request, `"quantity":2`, `"quantity":"2"`, 1)
		send(requests, key, request, 5)
		send(requests, agreeing, request, 5)
		send(requests, agreeing, strings.ReplaceAll(newer, b.ID, unknown), 5)
		send(requests, key, newer, 0)
		send(requests, key, bad, 0)
		send(requests, key, strings.ReplaceAll(newer, b.ID, unknown), 0)
		break // the request may have been sent twice by now
	}
	var letters []*kafka.Message
	in.Eventually("ten dead letters", 30*time.Second, func() bool {
		letters = in.ReadTopic(t, "dead-letters")
		distinct := map[string]bool{}
		for _, m := range letters {
			distinct[fmt.Sprintf("%s %s %s", m.Headers[0].Value, m.Headers[1].Value, m.Headers[2].Value)] = true
		}
		return len(distinct) >= 10
	})
	origins := map[string]bool{} // repeated dead letters count once
	for _, m := range letters {
		at := fmt.Sprintf("%s %s %s", m.Headers[0].Value, m.Headers[1].Value, m.Headers[2].Value)
		origins[at] = true
		t.Logf("%s: %s", at, m.Headers[len(m.Headers)-1].Value)
		var names []string
		for _, h := range m.Headers {
			names = append(names, h.Key)
		}
		if fmt.Sprint(names) != "[topic partition offset group reason]" {
			t.Errorf("headers %v", names)
		}
		if value, ok := sent[at]; !ok || value != string(m.Value) {
			t.Errorf("the letter of %s is %q, the record was %q", at, m.Value, value)
		}
	}
	if len(origins) != 10 {
		t.Errorf("dead letters of %v", origins)
	}
	if got := buyer.Booking(b.ID); got.Status != "pending_payment" {
		t.Errorf("a copy on a foreign partition failed its booking: %+v", got)
	}
	failed := map[string]int{}
	for _, m := range in.ReadTopic(t, failures) {
		for _, id := range []string{b.ID, unknown} {
			failed[id] += bytes.Count(m.Value, []byte(id))
		}
	}
	if failed[b.ID] > 0 || failed[unknown] == 0 {
		t.Errorf("told to have failed: %v", failed)
	}
	in.Verify("--dead-letters", "10")
}
