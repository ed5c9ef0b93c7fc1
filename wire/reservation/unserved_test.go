package reservation_test

import (
	"log/slog"
	"path/filepath"
	"testing"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

// Event 2 has another journal than the catalogue says, and event 3 has none. Neither
// is served; event 1 is sold by a server that is ready.
func TestAnotherJournalStopsItsEventAlone(t *testing.T) { onEachBroker(t, anotherJournal) }

func anotherJournal(t *testing.T, addr string) {
	ctx := t.Context()
	tickets, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: addr, ServerID: "t2", Service: message.EventTicketing, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	check(t, err)
	t.Cleanup(tickets.Close)
	catalogue, err := kafkabus.NewCatalogue(tickets)
	check(t, err)
	background(t, catalogue.Run)
	for _, id := range []domain.EventID{2, 3} {
		_, err := tickets.Create(ctx, id)
		check(t, err)
		check(t, catalogue.PublishEvent(ctx, ticketing.CatalogueEvent{ID: id, Revision: 1, JournalTopicID: "made-anew-since", Currency: "EUR", MaxTickets: 4}))
	}
	admin, err := kafka.NewAdminClient(&kafka.ConfigMap{"bootstrap.servers": addr})
	check(t, err)
	t.Cleanup(admin.Close)
	_, err = admin.DeleteTopics(ctx, []string{kafkabus.JournalTopic(3)})
	check(t, err)
	a := newAsker(t, addr, publishHall(t, addr))
	settings := reservation.Settings{Server: process.Server{HTTPAddr: address(t), OpsAddr: address(t), Kafka: process.Kafka{KafkaBrokers: addr, KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(t.TempDir(), "seats")}

	serve(t, settings)

	ready(t, settings.OpsAddr)
	a.ask(t, 1, 2)
	if m, ok := a.answer(t).(message.BookingUpdatedToPendingPayment); !ok || m.EventID != 1 {
		t.Errorf("answered by %+v", m)
	}
	for p := range int32(domain.Partitions) {
		low, end, err := watermarks(addr, kafkabus.JournalTopic(2), p)
		if err != nil || low != end {
			t.Errorf("the other journal has records %d to %d: %v", low, end, err)
		}
	}
}

func watermarks(addr, topic string, partition int32) (low, end int64, err error) {
	c, err := kafka.NewConsumer(&kafka.ConfigMap{"bootstrap.servers": addr, "group.id": "test"})
	if err != nil {
		return 0, 0, err
	}
	defer c.Close()
	return c.QueryWatermarkOffsets(topic, partition, 10_000)
}
