package kafkabus_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// The table of topics, word for word: names are a contract with other
// programs, so they are not built from parts here.
var topics = map[message.Action]string{
	message.SeatInitialization:      "event-id-7______seat-initialization-command-in-rocksdb______event-ticketing-service___to___seat-reservation-service",
	message.TicketReserving:         "event-id-7______ticket-reserving-request-in-rocksdb______booking-service___to___seat-reservation-service",
	message.TicketToReserved:        "event-id-7______update-ticket-status-to-reserved-in-postgresql______seat-reservation-service___to___event-ticketing-service",
	message.BookingToPendingPayment: "event-id-7______update-booking-status-to-pending-payment______seat-reservation-service___to___booking-service",
	message.BookingToFailed:         "event-id-7______update-booking-status-to-failed______seat-reservation-service___to___booking-service",
	message.TicketToPaid:            "event-id-7______update-ticket-status-to-paid-in-postgresql______booking-service___to___event-ticketing-service",
	message.FinalizeTicket:          "event-id-7______finalize-ticket-status-to-paid-in-rocksdb______event-ticketing-service___to___seat-reservation-service",
	message.TicketToAvailable:       "event-id-7______update-ticket-status-to-available-in-rocksdb______booking-service___to___event-ticketing-service",
	message.ReleaseTicket:           "event-id-7______release-ticket-status-to-available-in-rocksdb______event-ticketing-service___to___seat-reservation-service",
}

func TestTopics(t *testing.T) {
	for action, want := range topics {
		if got := kafkabus.Topic(7, action); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	all := kafkabus.Topics(7)
	if len(all) != 10 || all[9] != "event-id-7______seat-journal" {
		t.Errorf("topics of an event: %v", all)
	}
}

func TestRoute(t *testing.T) {
	tests := []struct {
		action    message.Action
		event     domain.EventID
		section   string
		position  int
		key       string
		partition domain.Partition
	}{
		{message.TicketReserving, 1, "A", 0, "event-1-section-A-partition-0", 0},
		{message.TicketReserving, 1, "B", 1, "event-1-section-B-partition-1", 1},
		{message.ReleaseTicket, 12, "VIP", 11, "event-12-section-VIP-partition-1", 1},
		{message.BookingToPendingPayment, 12, "A", 0, "event-12", 2},
		{message.TicketToPaid, 30, "C", 2, "event-30", 0},
	}
	for _, tt := range tests {
		key, p := kafkabus.Route(tt.action, tt.event, tt.section, domain.SectionPartition(tt.position))
		if key != tt.key || p != tt.partition {
			t.Errorf("%s of event %d section %s: %s on %d, want %s on %d", tt.action, tt.event, tt.section, key, p, tt.key, tt.partition)
		}
	}
}

func TestGroup(t *testing.T) {
	if got := kafkabus.Group(1, message.BookingService); got != "event-id-1__booking-service-1" {
		t.Errorf("group %q", got)
	}
}

func TestTopicsWithoutRoom(t *testing.T) {
	broker, err := embeddedbroker.StartLimited(t.TempDir(), 0, 150)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(broker.Close)
	c := connect(t, broker.Addr(), message.EventTicketing)
	for range 2 { // a repeat needs no room
		if _, err := c.Create(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Create(t.Context(), 2); !errors.Is(err, ticketing.TooManyEvents) || !strings.Contains(err.Error(), "104 of at most 150") {
		t.Errorf("the second event: %v", err)
	}
}
