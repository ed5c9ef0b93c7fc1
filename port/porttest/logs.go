package porttest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/journal"
	"github.com/onsale-tickets/onsale/domain/seating"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// limit is how long a test waits for what must happen.
const limit = 20 * time.Second

func receive[T any](t *testing.T, from <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(limit):
		t.Fatalf("no %s within %s", what, limit)
		panic("unreachable")
	}
}

// until polls for a condition that does not signal when it becomes true.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(limit); !ok(); <-tick.C {
		if time.Now().After(end) {
			t.Fatalf("not within %s: %s", limit, what)
		}
	}
}

// during runs a function until the test ends, and waits for it to return.
func during(t *testing.T, run func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := run(ctx); err != nil && ctx.Err() == nil {
			t.Error(err)
		}
	}()
	t.Cleanup(func() { cancel(); <-done })
}

type entries chan journal.Entry

func (r entries) Read(_ domain.EventID, _ domain.Partition, read []journal.Entry) {
	for _, e := range read {
		r <- e
	}
}

// Journal is the contract of port.Journal. The topics of event 1 must exist, and
// its journal must have the topic id.
func Journal(t *testing.T, j port.Journal, topicID string) {
	const p = domain.Partition(3)
	record := func(n int) journal.Record {
		return journal.Record{Kind: journal.SeatsReserved, Seq: uint64(n), Section: "A", Seats: []seating.Index{seating.Index(n)}, Cause: journal.Cause{Offset: 1}}
	}
	from := map[domain.Partition]int64{}
	for p := range domain.Partition(domain.Partitions) {
		from[p] = 0
	}
	early, late := make(entries, 1000), make(entries, 1000)
	during(t, func(ctx context.Context) error { return j.Follow(ctx, 1, topicID, from, early) })
	acknowledged := make(chan error, 100)
	for n := range 50 {
		j.Append(1, p, record(n), func(err error) { acknowledged <- err })
	}
	for range 50 {
		if err := receive(t, acknowledged, "acknowledgement"); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("is read back in order, without gaps", func(t *testing.T) {
		for n := range 50 {
			if e := receive(t, early, "entry"); e.Offset != int64(n) || e.Record.Seq != uint64(n) || e.Damaged != nil {
				t.Fatalf("entry %d: %+v", n, e)
			}
		}
	})
	t.Run("reads a range whole or not at all", func(t *testing.T) {
		var got []int64
		collect := func(e journal.Entry) { got = append(got, e.Offset) }
		if err := j.Range(t.Context(), 1, p, 10, 13, collect); err != nil || fmt.Sprint(got) != "[10 11 12]" {
			t.Errorf("%v %v", got, err)
		}
		if err := j.Range(t.Context(), 1, p, 49, 51, collect); err == nil {
			t.Error("a range past the end gave no error")
		}
	})
	t.Run("says where each partition ends", func(t *testing.T) {
		ends, err := j.Ends(t.Context(), 1)
		if err != nil || len(ends) != domain.Partitions || ends[p] != 50 || ends[p+1] != 0 {
			t.Errorf("%v %v", ends, err)
		}
	})
	t.Run("refuses another topic under its name", func(t *testing.T) {
		if err := j.Follow(t.Context(), 1, "another", from, late); !errors.Is(err, port.ErrOtherJournal) {
			t.Errorf("followed: %v", err)
		}
		if err := j.Recognise(t.Context(), 1, "another"); !errors.Is(err, port.ErrOtherJournal) {
			t.Errorf("recognised: %v", err)
		}
		if err := j.Recognise(t.Context(), 1, topicID); err != nil {
			t.Errorf("its own: %v", err)
		}
	})
}

// Catalogue is the contract of port.Catalogue and port.CataloguePublisher: view has
// what writer publishes.
func Catalogue(t *testing.T, writer port.CataloguePublisher, view port.Catalogue) {
	arrived := make(chan ticketing.CatalogueEvent, 100)
	during(t, func(ctx context.Context) error {
		return view.Follow(ctx, func(e ticketing.CatalogueEvent) { arrived <- e })
	})
	publish := func(id domain.EventID, revision int64, name string) {
		t.Helper()
		e := ticketing.CatalogueEvent{ID: id, Revision: revision, Name: name, Sections: []ticketing.CatalogueSection{{Price: 5,
			Layout: seating.SectionLayout{Name: "A", Subsections: []seating.Subsection{seating.Regular(1, 2, 3)}}}}}
		if err := writer.PublishEvent(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	publish(1, 2, "two")
	receive(t, arrived, "first event")
	until(t, "the view was read whole", func() bool {
		_, err := view.Event(t.Context(), 1)
		return err == nil
	})

	t.Run("finds what was just published", func(t *testing.T) {
		for id := domain.EventID(2); id <= 20; id++ {
			publish(id, 2, "two")
			if got, err := view.Event(t.Context(), id); err != nil || got.Name != "two" || got.Sections[0].Layout.SeatCount() != 6 {
				t.Fatalf("event %d right after it was published: %+v %v", id, got, err)
			}
		}
	})
	t.Run("refuses what was not published", func(t *testing.T) {
		if _, err := view.Event(t.Context(), 99); code(err) != "event_not_found" {
			t.Errorf("%v", err)
		}
		if e, known := view.Known(99); known {
			t.Errorf("known: %+v", e)
		}
	})
	t.Run("returns what is known without asking", func(t *testing.T) {
		if e, known := view.Known(1); !known || e.Name != "two" {
			t.Errorf("%+v %t", e, known)
		}
	})
	t.Run("takes a greater revision and no smaller one", func(t *testing.T) {
		publish(1, 1, "one")
		publish(2, 3, "three")
		until(t, "the greater revision is there", func() bool {
			e, err := view.Event(t.Context(), 2)
			return err == nil && e.Name == "three"
		})
		if got, err := view.Event(t.Context(), 1); err != nil || got.Name != "two" {
			t.Errorf("a smaller revision was taken: %+v %v", got, err)
		}
	})
}

// EndedSessions is the contract of port.EndedSessions: a session that ends here has
// ended there.
func EndedSessions(t *testing.T, here, there port.EndedSessions) {
	until(t, "what ended before is known", there.Known)
	if err := here.End(t.Context(), "session-1", time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	until(t, "the other server knows", func() bool { return there.Ended(port.Claims{Session: "session-1", User: 7, OpenedAt: opened}) })
	if there.Ended(port.Claims{Session: "session-2", User: 7, OpenedAt: opened}) {
		t.Error("a session that goes on counts as ended")
	}
	if err := here.End(t.Context(), "session-1", time.Now().Add(time.Hour)); err != nil {
		t.Errorf("ended again: %v", err)
	}
	if err := here.EndAll(t.Context(), 7, opened.Add(time.Second), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	until(t, "the other server knows of all", func() bool { return there.Ended(port.Claims{Session: "session-2", User: 7, OpenedAt: opened}) })
	if there.Ended(port.Claims{Session: "session-3", User: 7, OpenedAt: opened.Add(time.Second)}) || there.Ended(port.Claims{Session: "session-4", User: 8, OpenedAt: opened}) {
		t.Error("a later session, or another user's, counts as ended")
	}
}
