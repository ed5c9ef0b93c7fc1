package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// traces are the messages that a paid booking leaves on the broker: action, from,
// to, type, key and partition. The event is 1, and its section B is the second
// one.
var traces = []struct{ action, from, to, message, key string }{
	{"seat-initialization-command-in-rocksdb", "event-ticketing-service", "seat-reservation-service", "InitializeSeats", "event-1-section-B-partition-1"},
	{"ticket-reserving-request-in-rocksdb", "booking-service", "seat-reservation-service", "TicketReservedRequest", "event-1-section-B-partition-1"},
	{"update-ticket-status-to-reserved-in-postgresql", "seat-reservation-service", "event-ticketing-service", "SeatUpdatedToReserved", "event-1-section-B-partition-1"},
	{"update-booking-status-to-pending-payment", "seat-reservation-service", "booking-service", "BookingUpdatedToPendingPayment", "event-1"},
	{"update-booking-status-to-failed", "seat-reservation-service", "booking-service", "BookingUpdatedToFailed", "event-1"},
	{"update-ticket-status-to-paid-in-postgresql", "booking-service", "event-ticketing-service", "BookingPaidSuccess", "event-1"},
	{"finalize-ticket-status-to-paid-in-rocksdb", "event-ticketing-service", "seat-reservation-service", "FinalizeSeats", "event-1-section-B-partition-1"},
	{"update-ticket-status-to-available-in-rocksdb", "booking-service", "event-ticketing-service", "", ""},
	{"release-ticket-status-to-available-in-rocksdb", "event-ticketing-service", "seat-reservation-service", "", ""},
}

func TestBroker(t *testing.T) { e2e.OnEach(t, testBroker) }

func testBroker(t *testing.T, on e2e.Broker) {
	t.Parallel()
	in := e2e.Start(t, on)
	seller, buyer := in.Register("seller", "seller@example.com"), in.Register("buyer", "buyer@example.com")
	event := seller.CreateEvent("Broker")
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	settled := buyer.Watch(ctx)
	b := buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 2})
	e2e.Wait(t, settled, b.ID, "pending_payment")
	if status, body := buyer.Call("POST", "/v1/bookings/"+b.ID+"/payment", map[string]any{"payment_token": "tok_ok"}); status != 200 {
		t.Fatalf("payment: %d %s", status, body)
	}
	none := buyer.Book(map[string]any{"event_id": event, "section": "B", "subsection": 1, "seat_selection_mode": "manual", "seat_positions": []string{}})
	e2e.Wait(t, settled, none.ID, "failed")
	in.Verify() // at rest, all nine topics are complete

	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": in.Kafka()})
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	t.Run("topics", func(t *testing.T) { checkTopics(t, admin) })
	t.Run("groups", func(t *testing.T) { checkGroups(t, admin) })
	schemas := asyncapi(t)
	for _, trace := range traces {
		if trace.message == "" {
			continue
		}
		t.Run(trace.message, func(t *testing.T) {
			found := false
			for _, m := range in.ReadTopic(t, e2e.Topic(trace.action, trace.from, trace.to)) {
				if string(m.Key) != trace.key && trace.message != "InitializeSeats" {
					t.Errorf("key %q, want %q", m.Key, trace.key)
				}
				if string(m.Key) == trace.key {
					found = true
					if m.TopicPartition.Partition != 1 {
						t.Errorf("on partition %d", m.TopicPartition.Partition)
					}
				}
				conforms(t, schemas, "#/components/messages/"+trace.message+"/payload", m.Value)
			}
			if !found {
				t.Error("the booking left no such message")
			}
		})
	}
	t.Run("catalogue", func(t *testing.T) {
		for _, m := range in.ReadTopic(t, "event-catalogue") {
			if string(m.Key) != "event-1" {
				t.Errorf("key %q", m.Key)
			}
			conforms(t, schemas, "#/components/schemas/CatalogueEvent", m.Value)
		}
	})
}

func checkTopics(t *testing.T, admin *kafka.AdminClient) {
	found, err := admin.GetMetadata(nil, true, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"event-catalogue": 1, "event-wakes": 1, "ended-sessions": 1, "dead-letters": 1, "event-id-1______seat-journal": 10}
	for _, trace := range traces {
		want[e2e.Topic(trace.action, trace.from, trace.to)] = 10
	}
	for name, partitions := range want {
		if got := len(found.Topics[name].Partitions); got != partitions {
			t.Errorf("%s has %d partitions, want %d", name, got, partitions)
		}
	}
	for name := range found.Topics {
		if _, ok := want[name]; !ok && !strings.HasPrefix(name, "__") {
			t.Errorf("topic %s is in no table", name)
		}
	}
	checkTopicSettings(t, admin, want)
}

// checkTopicSettings checks that nothing is deleted: the defaults of a cluster
// may differ.
func checkTopicSettings(t *testing.T, admin *kafka.AdminClient, topics map[string]int) {
	var ask []kafka.ConfigResource
	for name := range topics {
		ask = append(ask, kafka.ConfigResource{Type: kafka.ResourceTopic, Name: name})
	}
	found, err := admin.DescribeConfigs(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range found {
		want := map[string]string{"cleanup.policy": "delete", "retention.ms": "-1", "max.message.bytes": "4194304", "min.insync.replicas": "1"}
		switch r.Name {
		case "event-catalogue", "event-wakes":
			want["cleanup.policy"] = "compact"
		case "ended-sessions":
			want["cleanup.policy"], want["retention.ms"] = "compact,delete", "86400000"
		}
		for name, value := range want {
			if got := r.Config[name].Value; got != value {
				t.Errorf("%s has %s=%s, want %s", r.Name, name, got, value)
			}
		}
	}
}

func checkGroups(t *testing.T, admin *kafka.AdminClient) {
	found, err := admin.ListConsumerGroups(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, g := range found.Valid {
		names = append(names, g.GroupID)
	}
	slices.Sort(names)
	want := []string{"event-id-1__booking-service-1", "event-id-1__event-ticketing-service-1", "event-id-1__seat-reservation-service-1"}
	if !slices.Equal(names, want) {
		t.Errorf("groups %v, want %v", names, want)
	}
}

// asyncapi returns a compiler for the schemas of asyncapi.yaml.
func asyncapi(t *testing.T) *jsonschema.Compiler {
	t.Helper()
	text, err := os.ReadFile(e2e.Root("asyncapi.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(encoded))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("file:///asyncapi.json", parsed); err != nil {
		t.Fatal(err)
	}
	return c
}

func conforms(t *testing.T, c *jsonschema.Compiler, at string, value []byte) {
	t.Helper()
	schema, err := c.Compile("file:///asyncapi.json" + at)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := jsonschema.UnmarshalJSON(bytes.NewReader(value))
	if err != nil {
		t.Fatalf("%v in %s", err, value)
	}
	if err := schema.Validate(parsed); err != nil {
		t.Errorf("%v\n%.500s", err, value)
	}
}
