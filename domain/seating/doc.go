// Package seating holds the seats of a section: their layout, their live state
// on row bitmaps, and how seats are picked, by the best that is available or by
// hand. Nothing here does I/O or is safe for concurrent use: a section has one
// writer.
//
//	AVAILABLE → RESERVED → SOLD
//	    ↑_________|
package seating
