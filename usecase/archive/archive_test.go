package archive_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/archive"
)

const show = domain.EventID(1)

var (
	now     = time.Date(2027, 1, 2, 3, 4, 5, 6789, time.UTC)
	errDied = errors.New("the process died here")
)

// world is an installation with one event, whose sale is closed. Each call of a port
// that changes or reads something beyond a row is a moment at which the process may die.
type world struct {
	t         *testing.T
	events    *memory.Ticketing
	bookings  *memory.Bookings
	records   *memory.Archives
	catalogue *memory.Catalogue
	awake     bool
	journal   []journal.Entry
	files     map[string]port.ArchivedEvent
	whole     bool // what was written is what is read
	topics    bool
	wakes     bool
	dropped   []string
	calls     []string
	diesAt    int  // number of the call, from 1; 0: never
	after     bool // it dies after the call had its effect
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, events: memory.NewTicketing(), bookings: memory.NewBookings(), catalogue: memory.NewCatalogue(), files: map[string]port.ArchivedEvent{},
		whole: true, topics: true, wakes: true}
	w.records = memory.NewArchives(w.events)
	e := ticketing.CatalogueEvent{Revision: 1, Name: "The show", Currency: "EUR", MaxTickets: 4, CreatedAt: now.Add(-time.Hour),
		Sections: []ticketing.CatalogueSection{{Price: 100, Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 1, 4)}}}}}
	_, err := w.events.Create(t.Context(), e)
	w.check(err)
	w.check(w.events.PublishLocked(t.Context(), show, func(ctx context.Context, e *ticketing.Event) error {
		e.Status = ticketing.OnSale
		return w.catalogue.PublishEvent(ctx, e.CatalogueEvent)
	}))
	w.check(w.events.Change(t.Context(), show, func(e ticketing.Event) (ticketing.Event, error) { return e.Close() }))
	return w
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) use() *archive.Archive {
	return archive.New(archive.Deps{Events: w.events, Records: records{w.records, w}, Bookings: sealed{w.bookings, w}, Tickets: w.events, Logs: logs{w: w}, Sleep: sleep{w},
		Archives: files{w}, Catalogue: publisher{w}, Removal: removal{w}, Inputs: []port.ArchivedInputs{inputs{w}}, Now: func() time.Time { return now }})
}

// step is a call of a port.
func (w *world) step(name string, do func() error) error {
	w.calls = append(w.calls, name)
	if len(w.calls) == w.diesAt && !w.after {
		return errDied
	}
	err := do()
	if len(w.calls) == w.diesAt {
		return errDied
	}
	return err
}

type records struct {
	*memory.Archives
	w *world
}

func (r records) Archive(ctx context.Context, id domain.EventID, f port.ArchiveFile, at time.Time) error {
	return r.w.step("record", func() error { return r.Archives.Archive(ctx, id, f, at) })
}

func (r records) Removed(ctx context.Context, id domain.EventID) error {
	return r.w.step("removed", func() error { return r.Archives.Removed(ctx, id) })
}

type sealed struct {
	*memory.Bookings
	w *world
}

func (s sealed) Seal(ctx context.Context, id domain.EventID) (settled bool, err error) {
	err = s.w.step("seal", func() (err error) { settled, err = s.Bookings.Seal(ctx, id); return err })
	return settled, err
}

type sleep struct{ w *world }

func (s sleep) Asleep(_ context.Context, e ticketing.CatalogueEvent) (bool, error) {
	return !s.w.awake, s.w.step("sleep", func() error { return nil })
}

type logs struct {
	port.Logs
	w *world
}

func (l logs) Journal(_ context.Context, _ domain.EventID, fn func(domain.Partition, journal.Entry)) error {
	return l.w.step("journal", func() error {
		for _, e := range l.w.journal {
			fn(0, e)
		}
		return nil
	})
}

type files struct{ w *world }

func (f files) Write(_ context.Context, a port.ArchivedEvent) (port.ArchiveFile, error) {
	file := port.ArchiveFile{Name: "event-" + a.Event.ID.String(), SHA256: "00", Bytes: 5}
	return file, f.w.step("write", func() error { f.w.files[file.Name] = a; return nil })
}

func (f files) Read(_ context.Context, name string) (a port.ArchivedEvent, file port.ArchiveFile, err error) {
	a = f.w.files[name]
	if !f.w.whole {
		a.Minutes = append(slices.Clone(a.Minutes), ticketing.Interval{})
	}
	return a, port.ArchiveFile{Name: name, SHA256: "00", Bytes: 5}, f.w.step("read", func() error { return nil })
}

type publisher struct{ w *world }

func (p publisher) PublishEvent(ctx context.Context, e ticketing.CatalogueEvent) error {
	return p.w.step("publish", func() error { return p.w.catalogue.PublishEvent(ctx, e) })
}

type inputs struct{ w *world }

func (i inputs) DropInputs(_ context.Context, ids []string) error {
	return i.w.step("drop", func() error { i.w.dropped = append(i.w.dropped, ids...); return nil })
}

type removal struct{ w *world }

func (r removal) TopicIDs(context.Context, domain.EventID) (ids []string, err error) {
	if r.w.topics {
		ids = []string{"t1", "t2"}
	}
	return ids, r.w.step("ids", func() error { return nil })
}

func (r removal) RemoveTopics(context.Context, domain.EventID) error {
	return r.w.step("topics", func() error { r.w.topics = false; return nil })
}

func (r removal) RemoveWakes(context.Context, domain.EventID) error {
	return r.w.step("wakes", func() error { r.w.wakes = false; return nil })
}

func TestHandle(t *testing.T) {
	w := newWorld(t)
	var steps []archive.Step

	r, err := w.use().Handle(t.Context(), show, func(s archive.Step) { steps = append(steps, s) })

	w.check(err)
	if !reflect.DeepEqual(steps, archive.Steps) {
		t.Errorf("%v", steps)
	}
	if want := []string{"seal", "sleep", "write", "read", "record", "publish", "ids", "drop", "topics", "wakes", "removed"}; !reflect.DeepEqual(w.calls, want) {
		t.Errorf("got  %v\nwant %v", w.calls, want)
	}
	if r.File.Name != "event-1" || !r.Archived.Equal(now.Truncate(time.Microsecond)) {
		t.Errorf("%+v", r)
	}
	if is, known := w.catalogue.Known(show); !known || !is.Archived || w.topics || w.wakes || !reflect.DeepEqual(w.dropped, []string{"t1", "t2"}) {
		t.Errorf("%+v topics %v wakes %v dropped %v", is, w.topics, w.wakes, w.dropped)
	}
	w.calls = nil
	again, err := w.use().Handle(t.Context(), show, func(archive.Step) { t.Error("a step was repeated") })
	if err != nil || again.File != r.File || !again.Removed || len(w.calls) != 0 {
		t.Errorf("again: %+v %v, calls %v", again, err, w.calls)
	}
}

// The process may die at each step, before or after it had its effect. Nothing is
// removed before the file was checked, and a repeat ends what was begun.
func TestF47_AnArchiveThatDiesIsFinishedLater(t *testing.T) {
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			w := newWorld(t)
			w.diesAt, w.after = n, after
			_, err := w.use().Handle(t.Context(), show, func(archive.Step) {})
			if err == nil {
				if n < 10 {
					t.Errorf("it has only %d steps", n-1)
				}
				break
			}
			if !errors.Is(err, errDied) {
				t.Fatal(err)
			}
			what := fmt.Sprintf("step %d (%s, after %v)", n, w.calls[n-1], after)
			record, err := w.records.Record(t.Context(), show)
			w.check(err)
			if !w.topics || !w.wakes || w.dropped != nil {
				if _, written := w.files[record.File.Name]; !written || !slices.Contains(w.calls[:n-1], "read") {
					t.Errorf("%s: something was removed and no file was checked", what)
				}
			}
			w.diesAt = 0
			if ids, err := w.records.Pending(t.Context()); err != nil || (len(ids) > 0) != (record.File.Name != "" && !record.Removed) {
				t.Errorf("%s: pending %v %v", what, ids, err)
			}
			if _, err := w.use().Handle(t.Context(), show, func(archive.Step) {}); err != nil || w.topics || w.wakes || len(w.files) != 1 || len(w.dropped) < 2 {
				t.Errorf("%s: %v, topics %v, wakes %v, files %d, dropped %v", what, err, w.topics, w.wakes, len(w.files), w.dropped)
			}
		}
	}
}

func TestHandleRefuses(t *testing.T) {
	open := booking.Booking{ID: domain.BookingID{15: 1}, EventID: show, BuyerID: 7, Section: "A", Mode: message.BestAvailable, Quantity: 1,
		UnitPrice: domain.Money{Amount: 100, Currency: "EUR"}, Status: booking.Processing, CreatedAt: now, Revision: 1}
	for name, c := range map[string]struct {
		prepare func(w *world)
		refused error
		calls   []string
	}{
		"an event that is awake":                 {func(w *world) { w.awake = true }, archive.ErrAwake, []string{"seal", "sleep"}},
		"an event with an open booking":          {func(w *world) { _, err := w.bookings.Accept(w.t.Context(), open, port.IdempotencyKey{}); w.check(err) }, ticketing.NotSettled, []string{"seal"}},
		"a file that is not what was written":    {func(w *world) { w.whole = false }, port.ErrArchiveDamaged, []string{"seal", "sleep", "write", "read"}},
		"an event that another process archives": {func(w *world) { _, err := w.records.Lock(w.t.Context(), show); w.check(err) }, port.ErrArchiving, nil},
		"an event that does not agree with its journal": {func(w *world) {
			w.check(w.events.Change(w.t.Context(), show, func(e ticketing.Event) (ticketing.Event, error) { e.JournalTopicID = "j"; return e, nil }))
			w.journal = []journal.Entry{{Offset: 1, Damaged: errors.New("no record")}}
		}, archive.ErrUnsound, []string{"seal", "sleep", "journal", "write", "read"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			c.prepare(w)
			_, err := w.use().Handle(t.Context(), show, func(archive.Step) {})
			if !errors.Is(err, c.refused) || !reflect.DeepEqual(w.calls, c.calls) {
				t.Errorf("%v, calls %v", err, w.calls)
			}
			if e, err := w.events.Stored(t.Context(), show); err != nil || e.Status != ticketing.Closed || !w.topics {
				t.Errorf("%+v %v, topics %v", e, err, w.topics)
			}
		})
	}
	t.Run("an event on sale", func(t *testing.T) {
		w := newWorld(t)
		id, err := w.events.Create(t.Context(), ticketing.CatalogueEvent{Revision: 1})
		w.check(err)
		for _, id := range []domain.EventID{id, 99} {
			if _, err := w.use().Handle(t.Context(), id, func(archive.Step) {}); err == nil || len(w.calls) != 0 {
				t.Errorf("event %d: %v, calls %v", id, err, w.calls)
			}
		}
	})
}

func TestPending(t *testing.T) {
	w := newWorld(t)
	w.diesAt = 9 // the topics
	if _, err := w.use().Handle(t.Context(), show, func(archive.Step) {}); !errors.Is(err, errDied) || !w.topics {
		t.Fatal(err)
	}
	w.diesAt = 0
	var done []domain.EventID

	left, err := w.use().Pending(t.Context(), func(id domain.EventID, r port.ArchiveRecord, err error) {
		w.check(err)
		if r.File.Name == "event-1" {
			done = append(done, id)
		}
	})
	if left != 0 || err != nil {
		t.Errorf("%d left: %v", left, err)
	}
	if _, err := w.use().Pending(t.Context(), func(domain.EventID, port.ArchiveRecord, error) { t.Error("it was pending again") }); err != nil {
		t.Error(err)
	}

	if !reflect.DeepEqual(done, []domain.EventID{show}) || w.topics || w.wakes {
		t.Errorf("%v, topics %v, wakes %v", done, w.topics, w.wakes)
	}
}

// Every part of an archive is compared.
func TestEveryPartIsCompared(t *testing.T) {
	for name, change := range map[string]func(a *port.ArchivedEvent){
		"the event":   func(a *port.ArchivedEvent) { a.Event.Name = "Another" },
		"the time":    func(a *port.ArchivedEvent) { a.At = a.At.Add(time.Microsecond) },
		"the journal": func(a *port.ArchivedEvent) { a.Journal[9] = []journal.Entry{{}} },
		"a booking":   func(a *port.ArchivedEvent) { a.Bookings = []booking.Booking{{}} },
		"a ticket":    func(a *port.ArchivedEvent) { a.Tickets = slices.Clone(a.Tickets); a.Tickets[0].Price++ },
		"a count":     func(a *port.ArchivedEvent) { a.Counts = []ticketing.Counts{{Sold: 1}} },
		"a sum":       func(a *port.ArchivedEvent) { a.Revenue = []int64{1} },
		"a minute":    func(a *port.ArchivedEvent) { a.Minutes = []ticketing.Interval{{Sold: 1}} },
	} {
		w := newWorld(t)
		deps := archive.Deps{Events: w.events, Records: w.records, Bookings: w.bookings, Tickets: w.events, Logs: logs{w: w}, Sleep: sleep{w},
			Archives: changed{files{w}, change}, Catalogue: publisher{w}, Removal: removal{w}, Now: func() time.Time { return now }}
		if _, err := archive.New(deps).Handle(t.Context(), show, func(archive.Step) {}); !errors.Is(err, port.ErrArchiveDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// changed reads something else than was written.
type changed struct {
	files
	change func(*port.ArchivedEvent)
}

func (c changed) Read(ctx context.Context, name string) (port.ArchivedEvent, port.ArchiveFile, error) {
	a, f, err := c.files.Read(ctx, name)
	c.change(&a)
	return a, f, err
}

// What a seller has asked for is archived once the event is at rest.
func TestPendingOfARequest(t *testing.T) {
	w := newWorld(t)
	w.awake = true
	w.check(w.events.Change(t.Context(), show, func(e ticketing.Event) (ticketing.Event, error) { return e.ToArchive() }))
	look := func() (left int, failed error) {
		left, err := w.use().Pending(t.Context(), func(_ domain.EventID, _ port.ArchiveRecord, err error) { failed = err })
		w.check(err)
		return left, failed
	}

	if left, err := look(); left != 1 || !errors.Is(err, archive.ErrAwake) || !archive.Waits(err) {
		t.Errorf("while it is awake: %d left, %v", left, err)
	}
	w.whole, w.awake = false, false
	if left, err := look(); left != 1 || err == nil || archive.Waits(err) {
		t.Errorf("while the file is not what was written: %d left, %v", left, err)
	}
	w.whole = true
	if left, err := look(); left != 0 || err != nil || w.topics {
		t.Errorf("at rest: %d left, topics %v, %v", left, w.topics, err)
	}
	if e, err := w.events.Event(t.Context(), show); err != nil || e.Status != ticketing.Archived {
		t.Errorf("%s, %v", e.Status, err)
	}
}
