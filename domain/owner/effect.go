package owner

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Effect is something to do. Effects, and the slices in them, are valid until the
// next Step of the partition, unless their type says otherwise.
type Effect interface{ effect() }

// Append appends a record to the journal. Success is known only by reading the
// record back. A failure is reported by AppendFailed.
type Append struct {
	Nonce  uint64
	Record journal.Record
}

// Store stores a batch as one step. Everything behind it in the slice must wait
// for it.
type Store struct{ Batch Batch }

// Tell tells maps of seats that changed. Seats is the receiver's to keep.
type Tell struct {
	Seats       []StoredSeat
	NewSections bool // sections were initialised
}

// Send sends a message until it is acknowledged. The result is reported by
// Acknowledged or NotAcknowledged.
type Send struct {
	Nonce   uint64
	Offset  int64 // of the record that leads to the message
	Message message.Envelope
}

// Repeat sends an answer once more. Nothing is reported: who needs it asks again.
type Repeat struct{ Message message.Envelope }

// Bury puts a rejected command among the dead letters. The result is reported by
// Acknowledged or NotAcknowledged.
type Bury struct {
	Nonce  uint64
	Offset int64 // of the record that rejects the command
	Cause  journal.Cause
	Reason string
}

// Reread reads the journal again, From ≤ offset < To, and reports it by RereadDone
// or RereadFailed. What was decided there may not have been told.
type Reread struct {
	Nonce    uint64
	From, To int64
}

// RetryLater asks for a Retry after a short while.
type RetryLater struct{}

// Redeliver returns commands that waited for the initialisation topic. The caller
// passes them to Step now, before any other input, with their outcomes.
type Redeliver struct{ Commands []Command }

// Owned says that the claim was read back.
type Owned struct{}

// LostOwnership says that the claim is gone. The membership in the group has to be
// given up and taken again: the next assignment claims again.
type LostOwnership struct{ Reason error }

// Unfit says that the journal has a record that cannot be applied. Nothing behind it
// can be known: the partition must not be used any more.
type Unfit struct {
	Offset int64
	Record journal.Record
}

// Oversold says that an accepted record gives away seats that were not free. It
// never happens as long as Decide and the fold are right.
type Oversold struct {
	BookingID domain.BookingID
	Seats     int
}

// Observed reports what is measured of a batch that was read.
type Observed struct {
	Skipped  int     // records that do not count
	ReadBack []int64 // microseconds from decision to reading back, of each own record
}

func (Append) effect()        {}
func (Store) effect()         {}
func (Tell) effect()          {}
func (Send) effect()          {}
func (Repeat) effect()        {}
func (Bury) effect()          {}
func (Reread) effect()        {}
func (RetryLater) effect()    {}
func (Redeliver) effect()     {}
func (Owned) effect()         {}
func (LostOwnership) effect() {}
func (Unfit) effect()         {}
func (Oversold) effect()      {}
func (Observed) effect()      {}
