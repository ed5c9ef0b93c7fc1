package port

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
)

//go:generate go tool mockgen -source=reservation.go -destination=portmock/reservation.go -package=portmock

// SeatStore keeps what was folded of the seat journal, so that a restart need
// not read all of it again. The journal is the truth: a store that is lost,
// old or another server's is recognised by LastRecord and made anew.
type SeatStore interface {
	// Load reads one partition of an event; found is false if there is nothing.
	Load(event domain.EventID, p domain.Partition) (snapshot SeatSnapshot, found bool, err error)
	// Write stores a batch as one step. After a crash either all of it is there
	// or nothing, and never a later batch without the earlier ones.
	Write(b SeatBatch) error
	// Outcome finds what was decided about a booking.
	Outcome(event domain.EventID, booking domain.BookingID) (o Outcome, found bool, err error)
	// Wipe forgets one partition of an event, outcomes included.
	Wipe(event domain.EventID, p domain.Partition) error
}

// SeatFold is how far a partition was folded.
type SeatFold struct {
	JournalTopicID string
	Fold           journal.Fold
	Positions      journal.Positions
	Emitted        journal.Mark
	// LastRecord identifies the record at Fold.Next-1: if the journal has another
	// one there, this is not its fold.
	LastRecord RecordIdentity
}

// RecordIdentity tells two records at the same offset apart.
type RecordIdentity struct {
	Epoch int64
	Seq   uint64
	Nonce uint64
}

// IdentityOf a record as it was read.
func IdentityOf(r journal.Record) RecordIdentity {
	return RecordIdentity{Epoch: r.Epoch, Seq: r.Seq, Nonce: r.Nonce}
}

// SeatSnapshot is a partition as it was stored.
type SeatSnapshot struct {
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

// SeatBatch is what some accepted records changed, with the fold after them.
type SeatBatch struct {
	Event     domain.EventID
	Partition domain.Partition
	SeatFold
	Sections []StoredSection // new ones
	Seats    []StoredSeat
	Outcomes []Outcome
}

// Outcome is what was decided about a booking: seats under a hold, or a reason.
type Outcome struct {
	BookingID domain.BookingID
	Offset    int64 // of the journal record
	Section   string
	BuyerID   domain.UserID
	Seats     []seating.Index
	Hold      domain.Hold
	UnitPrice domain.Money
	Reason    string // why there is no seat; empty if there are
	At        int64  // Unix microseconds
}

// Troubled is an Inbox that may find out by itself, between deliveries, that
// its membership must be given up and taken again.
type Troubled interface {
	// Trouble yields the events in question.
	Trouble() <-chan domain.EventID
}
