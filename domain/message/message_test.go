package message_test

import (
	"fmt"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
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
		if got := action.Topic(7); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	all := message.Topics(7)
	if len(all) != 10 || all[9] != "event-id-7______seat-journal" {
		t.Errorf("topics of an event: %v", all)
	}
}

func TestEachMessageTravelsOnItsTopic(t *testing.T) {
	for _, m := range []message.Message{
		message.InitializeSeats{}, message.TicketReservedRequest{}, message.SeatUpdatedToReserved{},
		message.BookingUpdatedToPendingPayment{}, message.BookingUpdatedToFailed{}, message.BookingPaidSuccess{},
		message.FinalizeSeats{}, message.BookingExpiredReleaseTickets{}, message.ReleaseSeat{},
	} {
		if got, want := "message."+m.Action().Flow().Message, fmt.Sprintf("%T", m); got != want {
			t.Errorf("%s travels on the topic of %s", want, got)
		}
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
		key, p := message.Route(tt.action, tt.event, tt.section, message.SectionPartition(tt.position))
		if key != tt.key || p != tt.partition {
			t.Errorf("%s of event %d section %s: %s on %d, want %s on %d", tt.action, tt.event, tt.section, key, p, tt.key, tt.partition)
		}
	}
}

func TestGroupAndInbound(t *testing.T) {
	if got := message.Group(1, message.BookingService); got != "event-id-1__booking-service-1" {
		t.Errorf("group %q", got)
	}
	for service, want := range map[message.Service]int{message.BookingService: 2, message.EventTicketing: 3, message.SeatReservation: 4} {
		if got := len(message.Inbound(service)); got != want {
			t.Errorf("%s reads %d topics, want %d", service, got, want)
		}
	}
}
