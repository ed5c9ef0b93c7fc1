// Package ticketing is what event-ticketing-service does: it creates events and
// keeps the tickets of record.
package ticketing
