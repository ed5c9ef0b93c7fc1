// Package archive puts events that are over into files, and removes what they cost.
//
// The steps of one event, each of which may be repeated after a crash:
//
//	seal       the event gets no booking any more, and all that it has are final
//	sleep      all services have read and told everything: see domain/wake
//	write      journal, bookings and tickets go into one file, which is synced
//	check      the file is read back, compared and audited
//	record     the event is archived, in PostgreSQL, and in the catalogue after that
//	remove     topics, groups and the records of wake-ups
//
// Nothing is removed before the file was read back and the row says where it is.
package archive

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

// Step is a step that was done.
type Step string

// The steps in their order.
const (
	Sealed    Step = "sealed"
	Slept     Step = "asleep"
	Read      Step = "read"
	Written   Step = "written"
	Checked   Step = "checked"
	Recorded  Step = "recorded"
	Published Step = "published"
	Removed   Step = "removed"
)

// Steps are all steps.
var Steps = []Step{Sealed, Slept, Read, Written, Checked, Recorded, Published, Removed}

// Number returns how many steps are done with this one.
func (s Step) Number() int { return slices.Index(Steps, s) + 1 }

// Deps are what Archive needs.
type Deps struct {
	Events    port.EventChanges
	Records   port.ArchiveRecords
	Bookings  port.SealedBookings
	Tickets   port.TicketRecords
	Logs      port.Logs
	Sleep     port.Sleep
	Archives  port.Archives
	Catalogue port.CataloguePublisher
	Removal   port.EventRemoval
	Inputs    []port.ArchivedInputs // of all databases
	Now       func() time.Time
	// Settle is how long the servers get to hear that an event is archived, before its
	// topics are removed.
	Settle time.Duration
}

// Archive archives events.
type Archive struct{ deps Deps }

// New binds the ports.
func New(d Deps) *Archive { return &Archive{d} }

// ErrAwake means that an event is not asleep yet. It will be, since it gets no more
// bookings.
var ErrAwake = errors.New("the event is not asleep yet")

// ErrUnsound means that an archive does not agree with itself. Nothing was removed.
var ErrUnsound = errors.New("the archive violates what must hold, and nothing was removed")

// Handle archives an event, or goes on where an earlier call ended. It calls done after
// each step. An event that is not closed, or has open bookings, is refused.
func (h *Archive) Handle(ctx context.Context, id domain.EventID, done func(Step)) (port.ArchiveRecord, error) {
	release, err := h.deps.Records.Lock(ctx, id)
	if err != nil {
		return port.ArchiveRecord{}, err
	}
	defer release()
	record, err := h.deps.Records.Record(ctx, id)
	if err != nil {
		return record, err
	}
	if record.File.Name == "" {
		if record, err = h.write(ctx, id, done); err != nil {
			return record, err
		}
	}
	return record, h.remove(ctx, id, record, done)
}

// write makes the file and the record of it.
func (h *Archive) write(ctx context.Context, id domain.EventID, done func(Step)) (record port.ArchiveRecord, err error) {
	e, err := h.deps.Events.Stored(ctx, id)
	if err != nil {
		return record, err
	}
	if _, err := e.Archive(); err != nil {
		return record, err
	}
	settled, err := h.deps.Bookings.Seal(ctx, id)
	if err != nil {
		return record, fmt.Errorf("seal the bookings of event %d: %w", id, err)
	}
	if !settled {
		return record, ticketing.NotSettled
	}
	done(Sealed)
	if e, err = h.deps.Events.Stored(ctx, id); err != nil { // its topics may have been made before it was sealed
		return record, err
	}
	switch asleep, err := h.deps.Sleep.Asleep(ctx, e.CatalogueEvent); {
	case err != nil:
		return record, fmt.Errorf("the log of wake-ups: %w", err)
	case !asleep:
		return record, ErrAwake
	}
	done(Slept)
	a, err := h.read(ctx, e)
	if err != nil {
		return record, fmt.Errorf("read event %d: %w", id, err)
	}
	done(Read)
	written, err := h.deps.Archives.Write(ctx, a)
	if err != nil {
		return record, fmt.Errorf("archive of event %d: %w", id, err)
	}
	done(Written)
	if err := h.check(ctx, a, written); err != nil {
		return record, fmt.Errorf("archive of event %d: %w", id, err)
	}
	done(Checked)
	if err := h.deps.Records.Archive(ctx, id, written, a.At); err != nil {
		return record, fmt.Errorf("record the archive of event %d: %w", id, err)
	}
	done(Recorded)
	return port.ArchiveRecord{File: written, Archived: a.At}, nil
}

// read reads everything about an event that sleeps.
func (h *Archive) read(ctx context.Context, e ticketing.Event) (a port.ArchivedEvent, err error) {
	a.Event, a.At = e.CatalogueEvent, h.deps.Now().UTC().Truncate(time.Microsecond)
	a.Event.Archived, a.Event.NoRoom = false, false // of the moment, and not of the event
	if e.HasTopics() {
		err = h.deps.Logs.Journal(ctx, e.ID, func(p domain.Partition, entry journal.Entry) { a.Journal[p] = append(a.Journal[p], entry) })
		if err != nil {
			return a, fmt.Errorf("journal: %w", err)
		}
	}
	if a.Bookings, err = h.deps.Bookings.OfEvent(ctx, e.ID); err != nil {
		return a, fmt.Errorf("bookings: %w", err)
	}
	if a.Tickets, a.Counts, err = h.deps.Tickets.AllTickets(ctx, e.ID); err != nil {
		return a, fmt.Errorf("tickets: %w", err)
	}
	if a.Revenue, a.Minutes, err = h.deps.Tickets.Revenue(ctx, e.ID); err != nil {
		return a, fmt.Errorf("revenue: %w", err)
	}
	return a, nil
}

// check reads an archive back. It must be what was written, and violate nothing.
func (h *Archive) check(ctx context.Context, want port.ArchivedEvent, written port.ArchiveFile) error {
	a, is, err := h.deps.Archives.Read(ctx, written.Name)
	if err != nil {
		return fmt.Errorf("read it back: %w", err)
	}
	if is != written {
		return fmt.Errorf("%w: %+v was written and %+v was read", port.ErrArchiveDamaged, written, is)
	}
	if what := difference(want, a); what != "" {
		return fmt.Errorf("%w: other %s were read than written", port.ErrArchiveDamaged, what)
	}
	report, err := audit.Archive(ctx, a)
	if err != nil {
		return err
	}
	if n := len(report.Violations); n > 0 {
		first := report.Violations[0]
		return fmt.Errorf("%w: %d violations, the first is of %s: %s", ErrUnsound, n, first.Invariant, first.Detail)
	}
	return nil
}

// remove removes what an archived event has left, once every server can know that it is
// archived.
func (h *Archive) remove(ctx context.Context, id domain.EventID, record port.ArchiveRecord, done func(Step)) (err error) {
	if record.Removed {
		return nil
	}
	err = h.deps.Events.PublishLocked(ctx, id, func(ctx context.Context, e *ticketing.Event) error {
		return h.deps.Catalogue.PublishEvent(ctx, e.CatalogueEvent)
	})
	if err != nil {
		return fmt.Errorf("publish event %d as archived: %w", id, err)
	}
	done(Published)
	select {
	case <-time.After(h.deps.Settle):
	case <-ctx.Done():
		return ctx.Err()
	}
	topics, err := h.deps.Removal.TopicIDs(ctx, id)
	if err != nil {
		return fmt.Errorf("the topics of event %d: %w", id, err)
	}
	for _, inputs := range h.deps.Inputs { // before the topics, whose ids are not known after them
		if err := inputs.DropInputs(ctx, topics); err != nil {
			return fmt.Errorf("the inputs of event %d: %w", id, err)
		}
	}
	if err := h.deps.Removal.RemoveTopics(ctx, id); err != nil {
		return fmt.Errorf("remove the topics of event %d: %w", id, err)
	}
	if err := h.deps.Removal.RemoveWakes(ctx, id); err != nil {
		return fmt.Errorf("remove the wake-ups of event %d: %w", id, err)
	}
	if err := h.deps.Records.Removed(ctx, id); err != nil {
		return fmt.Errorf("event %d: %w", id, err)
	}
	done(Removed)
	return nil
}

// Pending archives what sellers have asked for, and goes on with what was interrupted
// after an event was archived: topics may be left. It calls tried with each event: one
// that fails does not stop the others. It returns how many events have to be tried
// again.
func (h *Archive) Pending(ctx context.Context, tried func(domain.EventID, port.ArchiveRecord, error)) (left int, err error) {
	ids, err := h.deps.Records.Pending(ctx)
	left = len(ids)
	for _, id := range ids {
		record, failed := h.Handle(ctx, id, func(Step) {})
		if ctx.Err() != nil {
			return left, ctx.Err()
		}
		if failed == nil {
			left--
		}
		tried(id, record, failed)
	}
	return left, err
}

// Waits reports whether an event could not be archived only because it is not at rest
// yet, or another process archives it.
func Waits(err error) bool {
	return errors.Is(err, ErrAwake) || errors.Is(err, ticketing.NotSettled) || errors.Is(err, port.ErrArchiving)
}
