// Package seating holds the seats of a section: their layout, their live state
// in one bitmap per row, and the two ways to pick seats, best available and
// manual. The package does no I/O. Its types are not safe for concurrent use,
// because a section has one writer.
//
//	AVAILABLE → RESERVED → SOLD
//	    ↑_________|
package seating
