package port

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/owner"
)

//go:generate go tool mockgen -source=reservation.go -destination=portmock/reservation.go -package=portmock

// SeatStore keeps what was folded of the seat journal, so that a restart need not
// read the whole journal again. The journal is the truth: a store that is lost, old
// or another server's is recognised by LastRecord and built again.
type SeatStore interface {
	// Load reads one partition of an event. found is false if nothing is stored.
	// Several goroutines may load at once, and while others write.
	Load(event domain.EventID, p domain.Partition) (snapshot SeatSnapshot, found bool, err error)
	// Write stores a batch as one step. After a crash all of it is there or nothing,
	// and never a later batch without the earlier ones. It keeps no part of the batch.
	Write(b SeatBatch) error
	// Outcome returns what was decided about a booking.
	Outcome(event domain.EventID, booking domain.BookingID) (o Outcome, found bool, err error)
	// Wipe deletes one partition of an event, outcomes included.
	Wipe(event domain.EventID, p domain.Partition) error
	// Forget deletes all that is stored of an event. It costs little if there is
	// nothing.
	Forget(event domain.EventID) error
}

// What the store keeps are values of the seat owner's state machine.
type (
	// SeatSnapshot is a partition as it was stored.
	SeatSnapshot = owner.Snapshot
	// SeatBatch is what some accepted records changed, with the fold after them.
	SeatBatch = owner.Batch
	// SeatFold says how far a partition was folded.
	SeatFold = owner.SeatFold
	// StoredSection is an initialised section.
	StoredSection = owner.StoredSection
	// StoredSeat is the state of one seat.
	StoredSeat = owner.StoredSeat
	// Outcome is what was decided about a booking.
	Outcome = owner.Outcome
	// RecordIdentity distinguishes two records at the same offset.
	RecordIdentity = owner.RecordIdentity
)

// IdentityOf returns the identity of a record as it was read.
func IdentityOf(r journal.Record) RecordIdentity { return owner.IdentityOf(r) }

// OwnershipReporter is an Inbox that may find out by itself, between deliveries,
// that its membership must be given up and taken again.
type OwnershipReporter interface {
	// OwnershipLost returns a channel of the events in question. A loss that
	// Assigned or Deliver returned as an error is not reported here too.
	OwnershipLost() <-chan domain.EventID
}
