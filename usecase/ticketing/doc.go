// Package ticketing has the use cases of event-ticketing-service: sellers create
// events, change them and read their sales, and messages update the tickets of
// record.
package ticketing
