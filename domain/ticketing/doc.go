// Package ticketing holds events, their sections and prices, and the tickets
// of record.
package ticketing
