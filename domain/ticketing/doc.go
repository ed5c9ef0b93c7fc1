// Package ticketing holds events, their sections and prices, and the tickets
// of record. It is pure.
//
// A ticket is the record of one seat of one event:
//
//	AVAILABLE → RESERVED → SOLD
//	    ↑_________|
//
// SOLD is final. A ticket keeps the greatest (hold, phase) that it has taken;
// Ticket.Take has the rule.
package ticketing
