package port

import "time"

// SeatMeter is told what the seat owner does, for people who watch it. It must
// not block.
type SeatMeter interface {
	// Claimed tells that a claim was read back: one partition more is owned here.
	Claimed()
	// ReadBack tells how long a decision took until it was read back as accepted.
	ReadBack(took time.Duration)
	// Skipped tells of a record of the journal that does not count: of a server
	// that had lost its claim, or a repeat. Every server that reads it is told.
	Skipped()
	// Oversold tells that an accepted record gives away seats that were not free.
	// It never happens.
	Oversold(seats int)
}
