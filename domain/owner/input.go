package owner

import (
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Input is something that happened.
type Input interface {
	// claim returns the nonce of the claim that the input belongs to; bound is
	// false if it belongs to none. Step ignores an input of another claim than the
	// present one.
	claim() (nonce uint64, bound bool)
}

// Assigned says that the group gave the partition to this server. A partition
// that is owned already keeps its claim; otherwise one is appended.
type Assigned struct {
	Nonce uint64 // for the claim, never used before
	// InitEnd is the end of the initialisation topic. The other commands wait until
	// it is reached.
	InitEnd int64
}

// Revoked says that the partition is no longer this server's.
type Revoked struct{}

// Command is the next record of a command topic.
type Command struct {
	Cause       journal.Cause
	Body        message.Message // nil if it cannot be read
	TraceParent string
	// Outcome is what was read back about the booking of a request, nil if nothing
	// was. The caller looks it up just before Step.
	Outcome *Outcome
	Poison  *Poison // nil: the command can be processed
}

// Poison is a record that is no command of its topic.
type Poison struct {
	Why string
	// Foreign: the record stands on another partition than its section's. The
	// section's own partition has the answer.
	Foreign bool
	// Booking and Section are those of a request that cannot be read but for them.
	Booking domain.BookingID
	Section string
}

// Read says that entries of the journal were read: in order, without gaps.
type Read struct{ Entries []journal.Entry }

// AppendFailed says that the fate of an appended record is unknown.
type AppendFailed struct {
	Nonce uint64
	Err   error
}

// Acknowledged says that a Send or a Bury of the record at Offset is done.
type Acknowledged struct {
	Nonce  uint64
	Offset int64
}

// NotAcknowledged says that a Send or a Bury failed. It is returned by Step again
// at the next Retry.
type NotAcknowledged struct {
	Nonce  uint64
	Effect Effect
}

// RereadDone has the entries that a Reread asked for.
type RereadDone struct {
	Nonce   uint64
	Entries []journal.Entry
}

// RereadFailed says that the journal could not be read again.
type RereadFailed struct {
	Nonce uint64
	Err   error
}

// Tick says that a second passed.
type Tick struct{}

// Retry says that what was not acknowledged may be sent again.
type Retry struct{}

func (Assigned) claim() (uint64, bool)          { return 0, false }
func (Revoked) claim() (uint64, bool)           { return 0, false }
func (Command) claim() (uint64, bool)           { return 0, false }
func (Read) claim() (uint64, bool)              { return 0, false }
func (Tick) claim() (uint64, bool)              { return 0, false }
func (Retry) claim() (uint64, bool)             { return 0, false }
func (i AppendFailed) claim() (uint64, bool)    { return i.Nonce, true }
func (i Acknowledged) claim() (uint64, bool)    { return i.Nonce, true }
func (i NotAcknowledged) claim() (uint64, bool) { return i.Nonce, true }
func (i RereadDone) claim() (uint64, bool)      { return i.Nonce, true }
func (i RereadFailed) claim() (uint64, bool)    { return i.Nonce, true }
