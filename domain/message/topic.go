package message

import (
	"strconv"

	"github.com/onsale-tickets/onsale/domain"
)

// Service is one of the three.
type Service string

// The services, as they stand in topics, groups and the source of a message.
const (
	BookingService  Service = "booking-service"
	SeatReservation Service = "seat-reservation-service"
	EventTicketing  Service = "event-ticketing-service"
	topicSeparator          = "______"
	destinationMark         = "___to___"
	journalAction           = "seat-journal"
	CatalogueTopic          = "event-catalogue" // compacted, key event-{id}
	EndedSessions           = "ended-sessions"  // compacted, key session id, for as long as a session lasts
	DeadLetters             = "dead-letters"
)

// Action names one of the nine flows between services.
type Action int

// The nine actions.
const (
	SeatInitialization Action = iota
	TicketReserving
	TicketToReserved
	BookingToPendingPayment
	BookingToFailed
	TicketToPaid
	FinalizeTicket
	TicketToAvailable
	ReleaseTicket
	Actions // their number
)

// Flow is a row of the table of topics.
type Flow struct {
	Name      string // the action, as it stands in the topic
	From, To  Service
	Message   string // CloudEvents type
	BySection bool   // key section; else key event
}

var flows = [Actions]Flow{
	SeatInitialization:      {"seat-initialization-command-in-rocksdb", EventTicketing, SeatReservation, "InitializeSeats", true},
	TicketReserving:         {"ticket-reserving-request-in-rocksdb", BookingService, SeatReservation, "TicketReservedRequest", true},
	TicketToReserved:        {"update-ticket-status-to-reserved-in-postgresql", SeatReservation, EventTicketing, "SeatUpdatedToReserved", true},
	BookingToPendingPayment: {"update-booking-status-to-pending-payment", SeatReservation, BookingService, "BookingUpdatedToPendingPayment", false},
	BookingToFailed:         {"update-booking-status-to-failed", SeatReservation, BookingService, "BookingUpdatedToFailed", false},
	TicketToPaid:            {"update-ticket-status-to-paid-in-postgresql", BookingService, EventTicketing, "BookingPaidSuccess", false},
	FinalizeTicket:          {"finalize-ticket-status-to-paid-in-rocksdb", EventTicketing, SeatReservation, "FinalizeSeats", true},
	TicketToAvailable:       {"update-ticket-status-to-available-in-rocksdb", BookingService, EventTicketing, "BookingExpiredReleaseTickets", false},
	ReleaseTicket:           {"release-ticket-status-to-available-in-rocksdb", EventTicketing, SeatReservation, "ReleaseSeat", true},
}

// Flow is the action's row in the table of topics.
func (a Action) Flow() Flow { return flows[a] }

// String is the action's name in topics.
func (a Action) String() string { return flows[a].Name }

// Topic is the topic of an action of an event.
func (a Action) Topic(event domain.EventID) string {
	f := flows[a]
	return "event-id-" + event.String() + topicSeparator + f.Name + topicSeparator + string(f.From) + destinationMark + string(f.To)
}

// JournalTopic is the topic of the seat journal of an event.
func JournalTopic(event domain.EventID) string {
	return "event-id-" + event.String() + topicSeparator + journalAction
}

// Topics are all topics of an event: the nine, then the journal.
func Topics(event domain.EventID) []string {
	out := make([]string, 0, Actions+1)
	for a := range Actions {
		out = append(out, a.Topic(event))
	}
	return append(out, JournalTopic(event))
}

// Inbound are the actions that a service reads, in the order of the table.
func Inbound(s Service) []Action {
	var out []Action
	for a := range Actions {
		if flows[a].To == s {
			out = append(out, a)
		}
	}
	return out
}

// Group is the consumer group of a service for an event.
func Group(event domain.EventID, s Service) string {
	return "event-id-" + event.String() + "__" + string(s) + "-" + event.String()
}

// SectionPartition is the partition of the section at position i (0-based) in
// the event's list as created.
func SectionPartition(i int) domain.Partition { return domain.Partition(i % domain.Partitions) }

// Route is the key and the partition of a message of an action: the one
// function that computes both. section is the partition of the message's
// section; it is not used by event-keyed topics.
func Route(a Action, event domain.EventID, name string, section domain.Partition) (key string, p domain.Partition) {
	if flows[a].BySection {
		return "event-" + event.String() + "-section-" + name + "-partition-" + strconv.Itoa(int(section)), section
	}
	return "event-" + event.String(), domain.Partition(event % domain.Partitions)
}
