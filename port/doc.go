// Package port holds the boundaries of the use cases: small interfaces, each
// for one kind of I/O. It has no code that runs: no cache, no lock, no goroutine.
//
//	Publisher, DeadLetters, Inbox            messages between services   adapter/kafkabus
//	EventTopics, Catalogue, EndedSessions    known to every server       adapter/kafkabus
//	Journal, JournalReader, Logs             the seat journal            adapter/kafkabus
//	SeatStore, StoredSeats                   the fold of the journal     adapter/rocksstore
//	Bookings, BookingInputs, Payments …      bookings                    adapter/pgstore/booking
//	Users, Events, Tickets, TicketInputs …   accounts, events, tickets   adapter/pgstore/ticketing
//	Outbox                                   messages to be sent         both of these
//	ArchiveRecords, SealedBookings           archived events             both of these
//	Archives                                 files of them               adapter/archivefile
//	Sleep, EventRemoval                      what the brokers have       adapter/kafkabus
//	Gateway, Charges                         the payment gateway         adapter/paysandbox
//	BookingFeed, BookingStreams              changes for open streams    adapter/feedhub, adapter/redisfeed
//	Tokens, Passwords                        sessions                    adapter/sessiontoken, adapter/argon
//	BenchEvents, Load, Prober, CPUTimes …    benchmarks                  adapter/seeder, adapter/loadgen, adapter/supervisor
//
// The ports of a service are in the file of its name. Most ports have a second
// implementation in adapter/memory. Both pass the suites of port/porttest.
package port
