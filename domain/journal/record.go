package journal

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// Kind is what a record says.
type Kind uint8

// The kinds. Their numbers are in the log for ever.
const (
	Claimed Kind = iota + 1
	SeatsInitialized
	SeatsReserved
	ReservationRefused
	SeatsSold
	SeatsReleased
	CommandRejected // a dead letter
	Checkpoint
)

var kindNames = []string{"", "Claimed", "SeatsInitialized", "SeatsReserved", "ReservationRefused", "SeatsSold", "SeatsReleased", "CommandRejected", "Checkpoint"}

// String is the record's name.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// HasOutcome reports whether a record of this kind is the outcome of its booking, if
// it names one.
func (k Kind) HasOutcome() bool {
	return k == SeatsReserved || k == ReservationRefused || k == CommandRejected
}

// Cause is the command that a record answers: its action and its place.
type Cause struct {
	Action  message.Action
	TopicID string
	Offset  int64 // -1: no command (Claimed, Checkpoint)
}

// Position is the next offset to read of a command topic.
type Position struct {
	TopicID string
	Next    int64
}

// Positions are the next offsets of the four command topics of a partition.
type Positions map[message.Action]Position

// Mark is a state of the fold: {offset, epoch, next seq}. Emission starts
// again from one.
type Mark struct {
	Offset, Epoch int64
	NextSeq       uint64
}

// Record is one record of the seat journal. Which fields are set follows from
// Kind; the others are zero.
type Record struct {
	Kind  Kind
	Epoch int64  // offset of the claim it was decided under; Claimed: 0
	Seq   uint64 // 1, 2, 3 … within the epoch; Claimed: 0
	At    int64  // when it was decided, Unix microseconds
	Cause Cause

	Server string // Claimed: who claims
	Nonce  uint64 // Claimed: new for each attempt

	Section   string
	BookingID domain.BookingID
	BuyerID   domain.UserID
	Seats     []seating.Index // SeatsReserved, SeatsSold, SeatsReleased
	Hold      domain.Hold     // SeatsSold, SeatsReleased; that of SeatsReserved is HoldBase + its offset
	UnitPrice domain.Money    // SeatsReserved
	Reason    string          // ReservationRefused, CommandRejected

	Layout   *seating.SectionLayout // SeatsInitialized
	HoldBase domain.Hold            // SeatsInitialized

	Positions Positions // Checkpoint
	Emitted   Mark      // Checkpoint
}

// Entry is a record as it was read: with its offset.
type Entry struct {
	Offset int64
	Record Record
	// Damaged is set when the bytes could not be read as a record; the fold
	// skips it.
	Damaged error
}
