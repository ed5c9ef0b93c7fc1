// Package kafkabus carries messages, the seat journal and the catalogue over
// Kafka. Batching, retries and producers that must be replaced end here.
//
//	wire.go         messages as CloudEvents in JSON
//	cluster.go      what all parts share: addresses, settings, topic ids
//	producer.go     one idempotent producer, replaced when it fails for good
//	publisher.go    port.Publisher, port.DeadLetters
//	journal.go      port.Journal
//	compacted.go    the topics that every server reads whole
//	catalogue.go    port.Catalogue, port.CataloguePublisher
//	sessions.go     port.EndedSessions
//	consumers.go    membership in the groups of a service's events
package kafkabus
