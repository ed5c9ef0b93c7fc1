package port

import (
	"context"
	"errors"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

//go:generate go tool mockgen -source=archive.go -destination=portmock/archive.go -package=portmock

// ArchivedEvent is everything that is kept of an event.
type ArchivedEvent struct {
	Event    ticketing.CatalogueEvent
	At       time.Time // when it was read, to the microsecond
	Journal  [domain.Partitions][]journal.Entry
	Bookings []booking.Booking
	Tickets  []ticketing.Ticket   // in layout order
	Counts   []ticketing.Counts   // by section
	Revenue  []int64              // by section, in minor units
	Minutes  []ticketing.Interval // what was sold in each minute
}

// ArchiveFile is an archive as it is stored.
type ArchiveFile struct {
	Name   string // without a directory
	SHA256 string // of all bytes before it, in hexadecimal digits
	Bytes  int64
}

// Archives keeps archives, one file for each event.
type Archives interface {
	// Write stores an archive so that it survives a power cut, under its final name,
	// as one step. An archive of the same event is replaced. One of another event that
	// has the name is an error, and is left as it is. One caller at a time writes the
	// archive of an event.
	Write(ctx context.Context, a ArchivedEvent) (ArchiveFile, error)
	// Read reads an archive whole. It returns what Write was given, with times in UTC
	// and nil for empty slices, or an error with ErrArchiveDamaged in the chain if a
	// byte differs from what was written.
	Read(ctx context.Context, name string) (ArchivedEvent, ArchiveFile, error)
}

// ErrArchiveDamaged means that an archive is not as it was written.
var ErrArchiveDamaged = errors.New("the archive is damaged")

// SealedBookings are the bookings of an event that gets no more.
type SealedBookings interface {
	// Seal makes sure that the event gets no new booking, whatever a server believes
	// that has not heard of the end of its sale. It does so only if all bookings of
	// the event are final and all messages about them are sent; otherwise settled is
	// false. What was sealed stays sealed. Idempotent.
	Seal(ctx context.Context, event domain.EventID) (settled bool, err error)
	// OfEvent returns the bookings of an event, in the order of their ids.
	OfEvent(ctx context.Context, event domain.EventID) ([]booking.Booking, error)
}

// ArchivedInputs forgets how far the inputs of archived events were read.
type ArchivedInputs interface {
	// DropInputs deletes the positions of all inputs from these topics, which nobody
	// reads any more. Idempotent.
	DropInputs(ctx context.Context, topicIDs []string) error
}

// Sleep knows which events sleep.
type Sleep interface {
	// Asleep reports whether an event sleeps, by everything that is in the log of
	// wake-ups now. The event is as it was stored after it got its last booking.
	Asleep(ctx context.Context, event ticketing.CatalogueEvent) (bool, error)
}

// EventRemoval removes what the brokers have of an event. Each step may be repeated.
type EventRemoval interface {
	// TopicIDs returns the ids of those topics of an event that exist.
	TopicIDs(ctx context.Context, event domain.EventID) ([]string, error)
	// RemoveTopics removes the topics and the consumer groups of an event. It returns
	// when the brokers no longer list them.
	RemoveTopics(ctx context.Context, event domain.EventID) error
	// RemoveWakes removes the records of an event from the log of wake-ups.
	RemoveWakes(ctx context.Context, event domain.EventID) error
}

// ArchiveRecord says where the archive of an event is.
type ArchiveRecord struct {
	File     ArchiveFile // zero: it is not archived yet
	Archived time.Time
	Removed  bool // nothing of it is left to remove
}

// ArchiveRecords knows which events are archived.
type ArchiveRecords interface {
	// Lock lets one archive of an event be made at a time. If another process has the
	// lock, it returns ErrArchiving.
	Lock(ctx context.Context, event domain.EventID) (release func(), err error)
	// Record returns the record of an event. It is zero if there is none.
	Record(ctx context.Context, event domain.EventID) (ArchiveRecord, error)
	// Archive makes an event archived, under its next revision, and stores where, as
	// one step. If it is archived already, nothing changes. An event that is not
	// closed is refused.
	Archive(ctx context.Context, event domain.EventID, file ArchiveFile, at time.Time) error
	// Removed notes that nothing of an archived event is left to remove.
	Removed(ctx context.Context, event domain.EventID) error
	// Pending returns the events that are to be archived, and those that are archived
	// and have something left to remove, in the order of their ids.
	Pending(ctx context.Context) ([]domain.EventID, error)
}

// ErrArchiving means that another process archives the event at this moment.
var ErrArchiving = errors.New("another process archives this event")
