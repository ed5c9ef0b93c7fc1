package owner

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// SeatFold says how far a partition was folded.
type SeatFold struct {
	JournalTopicID string
	Fold           journal.Fold
	Positions      journal.Positions
	Emitted        journal.Mark
	// LastRecord identifies the record at Fold.Next-1. If the journal has another
	// record there, this is not its fold.
	LastRecord RecordIdentity
}

// RecordIdentity distinguishes two records at the same offset.
type RecordIdentity struct {
	Epoch int64
	Seq   uint64
	Nonce uint64
}

// IdentityOf returns the identity of a record as it was read.
func IdentityOf(r journal.Record) RecordIdentity {
	return RecordIdentity{Epoch: r.Epoch, Seq: r.Seq, Nonce: r.Nonce}
}

// Snapshot is a partition as it was stored.
type Snapshot struct {
	SeatFold
	Sections []StoredSection
	Seats    []StoredSeat // those that ever were not available
}

// StoredSection is an initialised section.
type StoredSection struct {
	Layout   seating.SectionLayout
	HoldBase domain.Hold
}

// StoredSeat is the state of one seat.
type StoredSeat struct {
	Section string
	Index   seating.Index
	Seat    seating.Seat
}

// Batch is what some accepted records changed, with the fold after them.
type Batch struct {
	Event     domain.EventID
	Partition domain.Partition
	SeatFold
	Sections []StoredSection // new ones
	Seats    []StoredSeat
	Outcomes []Outcome
}

// Outcome is what was decided about a booking: seats under a hold, or the reason
// why there are none.
type Outcome struct {
	BookingID domain.BookingID
	Offset    int64 // of the journal record
	Section   string
	BuyerID   domain.UserID
	Seats     []seating.Index
	Hold      domain.Hold
	UnitPrice domain.Money
	Reason    string // why there is no seat; empty if there are seats
	At        int64  // Unix microseconds
}
