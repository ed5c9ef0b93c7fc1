package reservation_test

import (
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/wire/process"
	"github.com/onsale-tickets/onsale/wire/reservation"
)

// RocksDB is ahead of the journal of event 2: the broker lost acknowledged records.
// Event 2 is not served, /readyz says so, and event 1 is sold by a server that is
// ready.
func TestALostJournalStopsItsEventAlone(t *testing.T) { onEachBroker(t, lostJournal) }

func lostJournal(t *testing.T, addr string) {
	ctx := t.Context()
	tickets, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: addr, ServerID: "t2", Service: message.EventTicketing, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	check(t, err)
	t.Cleanup(tickets.Close)
	catalogue, err := kafkabus.NewCatalogue(tickets)
	check(t, err)
	background(t, catalogue.Run)
	const lost = domain.EventID(2)
	topicID, err := tickets.Create(ctx, lost)
	check(t, err)
	check(t, catalogue.PublishEvent(ctx, ticketing.CatalogueEvent{ID: lost, Revision: 1, JournalTopicID: topicID, Currency: "EUR", MaxTickets: 4}))
	settings := reservation.Settings{Server: process.Server{HTTPAddr: address(t), OpsAddr: address(t), Kafka: process.Kafka{KafkaBrokers: addr, KafkaReplicas: 1}, ServerID: "s1"},
		DataDir: filepath.Join(t.TempDir(), "seats")}
	store, err := rocksstore.Open(settings.DataDir, slog.New(slog.DiscardHandler))
	check(t, err)
	check(t, store.Write(port.SeatBatch{Event: lost, Partition: 3, SeatFold: port.SeatFold{JournalTopicID: topicID, Fold: journal.Fold{Next: 99}}}))
	store.Close()
	a := newAsker(t, addr, publishHall(t, addr))

	serve(t, settings)

	ready(t, settings.OpsAddr)
	a.ask(t, 1, 2)
	if m, ok := a.answer(t).(message.BookingUpdatedToPendingPayment); !ok || m.EventID != 1 {
		t.Errorf("answered by %+v", m)
	}
	ready(t, settings.OpsAddr)
	resp, err := http.Get("http://" + settings.OpsAddr + "/readyz")
	check(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	check(t, err)
	if resp.StatusCode != http.StatusOK || !strings.Contains(string(body), "event 2 is not served") || !strings.Contains(string(body), "the broker lost acknowledged records") {
		t.Errorf("/readyz: %d %s", resp.StatusCode, body)
	}
}
