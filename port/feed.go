package port

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/seating"
)

//go:generate go tool mockgen -source=feed.go -destination=portmock/feed.go -package=portmock

// BookingFeed is told of changes after they are durable.
type BookingFeed interface {
	// Changed takes bookings as they are now. It never blocks and may drop some: a
	// reader that needs all of them reads the store too. It does not keep the slice.
	Changed(bookings []booking.Booking)
}

// BookingStreams lets open streams follow their buyers' bookings.
type BookingStreams interface {
	// Subscribe follows a buyer's bookings from now on, until Close.
	Subscribe(buyer domain.UserID) BookingSubscription
	// Complete reports whether changes made by other servers arrive at present.
	Complete() bool
}

// BookingSubscription gathers what changed since it was last asked.
type BookingSubscription interface {
	// Ready returns a channel that receives when there is something to take.
	Ready() <-chan struct{}
	// Take returns the latest state of each booking that changed since the last
	// Take.
	Take() []booking.Booking
	Close()
}

// SeatFeed is told of seats after they were read back from the journal and stored.
type SeatFeed interface {
	// SeatsChanged takes what changed. It must not block, and may keep the slice.
	SeatsChanged(event domain.EventID, c SeatChanges)
}

// SeatChanges are some seats as they are now.
type SeatChanges struct {
	Version     int64 // of the event: 1, 2, 3 …
	Seats       []StoredSeat
	NewSections bool // sections were initialised: an earlier snapshot lacks them
}

// MapSnapshots returns all seats of an event at one moment.
type MapSnapshots interface {
	// Watch lets the changes of an event be told, also while it sleeps, until release
	// is called. It does not block.
	Watch(event domain.EventID) (release func())
	// MapSnapshot returns the named sections in the order of their names, all of them
	// or an error: Unavailable until every one was read.
	MapSnapshot(ctx context.Context, event domain.EventID, sections []string) (MapSnapshot, error)
}

// MapSnapshot is the state of all seats after a version.
type MapSnapshot struct {
	Version  int64
	Sections []SectionSnapshot
}

// SectionSnapshot has a status for each seat, in layout order.
type SectionSnapshot struct {
	Plan     *seating.Plan // never changed
	Statuses []seating.Status
}

// SeatMaps lets open streams follow the seats of an event.
type SeatMaps interface {
	// Follow opens a reader, which must be closed. It is refused as Unavailable until
	// every section was read.
	Follow(ctx context.Context, event domain.EventID, sections []string) (SeatMapReader, error)
}

// SeatMapReader reads the frames of a map. Readers share frames and must not change
// them.
type SeatMapReader interface {
	// Snapshot returns the whole map as it is now.
	Snapshot() *SeatFrame
	// After returns the frames after an id, which may be none. ok is false if some of
	// them are not kept any more, or if the id is of another map.
	After(id string) (frames []*SeatFrame, ok bool)
	// Changed returns a channel that is closed at the next frame. Call it before
	// After.
	Changed() <-chan struct{}
	Close()
}

// SeatFrame is a whole map, or what changed of it.
type SeatFrame struct {
	ID      string
	Map     MapSnapshot // in a snapshot: all seats; in a change: only the plans
	Changes []SeatDelta // none in a snapshot
	Counts  []SectionCounts
	// Encoded returns the bytes that encode makes of the frame for a key. They are
	// made once, for all readers that ask for the same key.
	Encoded func(key string, encode func() []byte) []byte
}

// SeatDelta is a seat with its new status.
type SeatDelta struct {
	Section int // position in Map.Sections
	Seat    seating.Index
	Status  seating.Status
}

// SectionCounts are the counts of a section's subsections: all of them in a snapshot,
// the changed ones in a change.
type SectionCounts struct {
	Section     string
	Subsections []seating.SubsectionCount
}
