// Package port holds the boundaries of the use cases: small interfaces, each
// for one kind of I/O.
//
//	Publisher, DeadLetters, Inbox    messages between services       adapter/kafkabus
//	EventTopics, Catalogue, EndedSessions   what every server knows  adapter/kafkabus
//	Journal, JournalReader           the seat journal                adapter/kafkabus
//	Tokens                           sessions                        adapter/sessiontoken
//
// Ports of one service stand in a file of its name. Everything has a twin in
// adapter/memory, and both pass the suites of port/porttest.
package port
