// Package port holds the boundaries of the use cases: small interfaces, each
// for one kind of I/O.
//
//	Publisher, DeadLetters, Inbox            messages between services   adapter/kafkabus
//	EventTopics, Catalogue, EndedSessions    what every server knows     adapter/kafkabus
//	Journal, JournalReader, Logs             the seat journal            adapter/kafkabus
//	SeatStore, StoredSeats                   what was folded of it       adapter/rocksstore
//	Bookings, BookingInputs, Payments …      bookings                    adapter/pgstore/booking
//	Users, Events, Tickets, TicketInputs …   accounts, events, tickets   adapter/pgstore/ticketing
//	Outbox                                   what waits to be sent       both of these
//	Gateway, Charges                         where cards are charged     adapter/paysandbox
//	BookingFeed, BookingStreams              changes for open streams    adapter/feedhub, adapter/redisfeed
//	Tokens, Passwords                        sessions                    adapter/sessiontoken, adapter/argon
//	BenchEvents, Load, Prober, CPUTimes …    benchmarks                  adapter/seeder, adapter/loadgen, adapter/supervisor
//
// Ports of one service stand in a file of its name. Everything has a twin in
// adapter/memory, and both pass the suites of port/porttest.
package port
