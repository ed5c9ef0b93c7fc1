package port

import (
	"context"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/seating"
)

//go:generate go tool mockgen -source=feed.go -destination=portmock/feed.go -package=portmock

// BookingFeed hears of changes after they are durable.
type BookingFeed interface {
	// Changed gets bookings as they are now. It never blocks and may forget: who
	// needs all of them reads the store as well. The slice stays the caller's.
	Changed(bookings []booking.Booking)
}

// BookingStreams lets open streams hear of their buyers' bookings.
type BookingStreams interface {
	// Subscribe hears of a buyer's bookings from now on, until Close.
	Subscribe(buyer domain.UserID) BookingSubscription
	// Complete tells whether changes made by other servers arrive at present.
	Complete() bool
}

// BookingSubscription gathers what changed since it was last asked.
type BookingSubscription interface {
	// Ready yields when there is something to take.
	Ready() <-chan struct{}
	// Take answers the latest state of each booking that changed since the last
	// Take.
	Take() []booking.Booking
	Close()
}

// SeatFeed hears of seats after they were read back from the journal and stored.
type SeatFeed interface {
	// SeatsChanged gets what changed. It must not block; what it is given is the
	// callee's to keep.
	SeatsChanged(event domain.EventID, c SeatChanges)
}

// SeatChanges are some seats as they are now.
type SeatChanges struct {
	Version     int64 // of the event: 1, 2, 3 …
	Seats       []StoredSeat
	NewSections bool // sections were initialised: a picture from before has too few
}

// SeatPictures answers all seats of an event at one moment.
type SeatPictures interface {
	// Picture answers the named sections in the order of their names; those that
	// are not initialised here are left out.
	Picture(ctx context.Context, event domain.EventID, sections []string) (SeatPicture, error)
}

// SeatPicture is the state of all seats after a version.
type SeatPicture struct {
	Version  int64
	Sections []SectionPicture
}

// SectionPicture has a status for each seat, in layout order.
type SectionPicture struct {
	Plan     *seating.Plan // never changed
	Statuses []seating.Status
}

// SeatMaps lets open streams follow the seats of an event.
type SeatMaps interface {
	// Follow opens a reader; it must be closed.
	Follow(ctx context.Context, event domain.EventID, sections []string) (SeatMapReader, error)
}

// SeatMapReader reads the frames of a map. Readers share what they read, and
// change nothing of it.
type SeatMapReader interface {
	// Snapshot is all of the map as it is now.
	Snapshot() *SeatFrame
	// After answers the frames behind an id, none if there are none yet; ok is
	// false if they are not all at hand any more, or the id is another map's.
	After(id string) (frames []*SeatFrame, ok bool)
	// Changed is closed when there is another frame. It is asked for before After.
	Changed() <-chan struct{}
	Close()
}

// SeatFrame is a map, or what changed of it.
type SeatFrame struct {
	ID      string
	Picture SeatPicture // of a snapshot: all seats; of a change: Plan alone
	Changes []SeatDelta // none in a snapshot
	Counts  []SectionCounts
	// Encoded returns the bytes that encode makes of the frame for a key. They are
	// made once, for all readers that ask for the same key.
	Encoded func(key string, encode func() []byte) []byte
}

// SeatDelta is a seat with its new status.
type SeatDelta struct {
	Section int // position in Picture.Sections
	Seat    seating.Index
	Status  seating.Status
}

// SectionCounts are counts of subsections: all in a snapshot, changed ones in a
// change.
type SectionCounts struct {
	Section     string
	Subsections []seating.SubsectionCount
}
