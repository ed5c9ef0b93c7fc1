// Package kafkabus carries messages, the seat journal and the catalogue over
// Kafka. Batching, retries and the replacement of failed clients are its business
// alone.
//
//	topics.go       names of topics and groups, keys, partitions
//	wire.go         messages as CloudEvents in JSON
//	delivery.go     port.Delivery of a record: checks where it stands
//	cluster.go      shared by all parts: addresses, settings, topic ids
//	producer.go     one idempotent producer, replaced when it fails for good
//	producers.go    several of them, which share the events
//	publisher.go    port.Publisher, port.DeadLetters
//	journal.go      port.Journal
//	ranges.go       reads part of a topic again
//	logs.go         port.Logs: reads topics whole, for verify
//	compacted.go    follows a topic that every server reads whole
//	catalogue.go    port.Catalogue, port.CataloguePublisher
//	sessions.go     port.EndedSessions
//	consumers.go    drives a port.Inbox: one member for each event
//	member.go       membership in the group of one event
//	watchdog.go     finds consumers that fell silent
package kafkabus
