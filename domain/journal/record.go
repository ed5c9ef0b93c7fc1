package journal

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
)

// Kind is the kind of a record.
type Kind uint8

// The kinds. Their numbers are stored in the journal and must not change.
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

// String returns the name of the kind.
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

// Cause is the command that led to a record: its action and its place.
type Cause struct {
	Action  message.Action
	TopicID string
	Offset  int64 // -1: no command (Claimed, Checkpoint)
}

// Position is the next offset to read from a command topic.
type Position struct {
	TopicID string
	Next    int64
}

// Positions are the positions of the four command topics of a partition.
type Positions map[message.Action]Position

// Mark is a place in the journal with what the fold knew there. Messages are sent
// again from a mark.
type Mark struct {
	Offset, Epoch int64
	NextSeq       uint64
}

// Record is one record of the seat journal. Kind says which fields are set; the
// others are zero.
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

// Entry is a record with its offset, as it was read.
type Entry struct {
	Offset int64
	Record Record
	// Damaged is set if the bytes are no record. The fold skips such an entry.
	Damaged error
	Bytes   []byte // of a damaged entry: what stands there instead
}
