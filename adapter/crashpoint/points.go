// Package crashpoint names the places at which a crash is hardest to survive: in
// each of them one store has changed and the next has not.
//
// A program that is built with the tag crashpoints ends at such a place as if by
// kill -9, if a test has armed it. In any other program At does nothing.
package crashpoint

// The points, by what has happened and what has not.
const (
	BookingStored     = "booking-stored-before-sent"    // F1: booking-service
	RecordsReadBack   = "records-read-before-stored"    // F8: seat-reservation-service, between journal and RocksDB
	SeatsStored       = "seats-stored-before-sent"      // F8: seat-reservation-service, between RocksDB and messages
	AnswersApplied    = "answers-applied-before-commit" // F20: booking-service, in the transaction of a batch
	TicketsApplied    = "tickets-applied-before-commit" // F20: event-ticketing-service, in the transaction of a batch
	PaymentAuthorised = "authorised-before-paid"        // F35: booking-service
	BookingPaid       = "paid-before-captured"          // F35: booking-service
	OutboxClaimed     = "outbox-claimed-before-sent"    // F2: either service that has an outbox
	OutboxSent        = "outbox-sent-before-deleted"    // F3: either service that has an outbox
	EventStored       = "event-stored-before-published" // event-ticketing-service
	EventWoken        = "woken-before-topics"           // F43: the service that wakes an event; booking-service, for a booking
	TopicsCreated     = "topics-before-seats"           // F43: event-ticketing-service
	EventChanged      = "changed-before-published"      // F43: event-ticketing-service, also when an event is closed
	EventRested       = "rested-before-asleep"          // F36: each service
)
