package kafkabus

import (
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Topics that all events share.
const (
	catalogueTopic     = "event-catalogue" // compacted, key event-{id}
	endedSessionsTopic = "ended-sessions"  // compacted, key session id, kept as long as a session lasts
	DeadLettersTopic   = "dead-letters"
	wakesTopic         = "event-wakes" // compacted, see wakeRecord
)

const (
	topicSeparator  = "______"
	destinationMark = "___to___"
	journalAction   = "seat-journal"
)

// actionNames are the names of actions in topics.
var actionNames = [message.Actions]string{
	message.SeatInitialization:      "seat-initialization-command-in-rocksdb",
	message.TicketReserving:         "ticket-reserving-request-in-rocksdb",
	message.TicketToReserved:        "update-ticket-status-to-reserved-in-postgresql",
	message.BookingToPendingPayment: "update-booking-status-to-pending-payment",
	message.BookingToFailed:         "update-booking-status-to-failed",
	message.TicketToPaid:            "update-ticket-status-to-paid-in-postgresql",
	message.FinalizeTicket:          "finalize-ticket-status-to-paid-in-rocksdb",
	message.TicketToAvailable:       "update-ticket-status-to-available-in-rocksdb",
	message.ReleaseTicket:           "release-ticket-status-to-available-in-rocksdb",
}

// Topic returns the topic of an action of an event.
func Topic(event domain.EventID, a message.Action) string {
	flow := a.Flow()
	return "event-id-" + event.String() + topicSeparator + actionNames[a] + topicSeparator + string(flow.From) + destinationMark + string(flow.To)
}

// JournalTopic returns the topic of the seat journal of an event.
func JournalTopic(event domain.EventID) string {
	return "event-id-" + event.String() + topicSeparator + journalAction
}

// Topics returns all topics of an event: the nine, then the journal.
func Topics(event domain.EventID) []string {
	out := make([]string, 0, message.Actions+1)
	for a := range message.Actions {
		out = append(out, Topic(event, a))
	}
	return append(out, JournalTopic(event))
}

// Group returns the consumer group of a service for an event.
func Group(event domain.EventID, s message.Service) string {
	return "event-id-" + event.String() + "__" + string(s) + "-" + event.String()
}

// Route returns the key and the partition of a message. It is the one place that
// computes them. An action that is keyed by section goes to the partition of its
// section, any other to the partition of its event.
func Route(a message.Action, event domain.EventID, section string, of domain.Partition) (key string, p domain.Partition) {
	if a.Flow().BySection {
		return "event-" + event.String() + "-section-" + section + "-partition-" + strconv.Itoa(int(of)), of
	}
	return "event-" + event.String(), domain.Partition(event % domain.Partitions)
}
