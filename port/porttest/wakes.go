package porttest

import (
	"context"
	"slices"
	"testing"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
)

// WakeView is what one server has of the log of wake-ups and rests.
type WakeView interface {
	port.Wakes
	port.Rests
}

// Wakes is the contract of port.Wakes and port.Rests. The views are those of the three
// services, which are independent but for the log; writer fills the catalogue that all
// of them follow.
func Wakes(t *testing.T, writer port.CataloguePublisher, views [3]WakeView) {
	type told struct {
		id    domain.EventID
		awake bool
	}
	news := make([]chan told, len(views))
	for i, v := range views {
		news[i] = make(chan told, 100)
		during(t, func(ctx context.Context) error {
			return v.Follow(ctx, func(e ticketing.CatalogueEvent, awake bool) { news[i] <- told{e.ID, awake} })
		})
	}
	everyone := func(t *testing.T, what string, want told) {
		t.Helper()
		for i := range views {
			for got := receive(t, news[i], what); got != want; {
				got = receive(t, news[i], what)
			}
		}
	}
	restAll := func(t *testing.T, inputs int64) {
		t.Helper()
		for _, v := range views {
			_, after := v.Tired(0)
			if err := v.Rest(t.Context(), 1, after, inputs); err != nil {
				t.Fatal(err)
			}
		}
	}
	seen := func(i int) int64 { _, after := views[i].Tired(0); return after }
	allSee := func(t *testing.T, records int64) {
		t.Helper()
		until(t, "every view has read the log", func() bool { return seen(0) >= records && seen(1) >= records && seen(2) >= records })
	}
	for id := range domain.EventID(2) {
		if err := writer.PublishEvent(t.Context(), ticketing.CatalogueEvent{ID: 1 + id, Revision: 2, JournalTopicID: "journal"}); err != nil {
			t.Fatal(err)
		}
	}

	t.Run("a new event is awake", func(t *testing.T) { everyone(t, "the event", told{1, true}) })
	t.Run("an event sleeps when all services have rested twice", func(t *testing.T) {
		restAll(t, 5)
		allSee(t, 3)
		restAll(t, 5)
		everyone(t, "sleep", told{1, false})
		if ids, _ := views[0].Tired(0); len(ids) != 1 || ids[0] != 2 {
			t.Errorf("tired: %v", ids)
		}
	})
	t.Run("nobody rests about an event that sleeps", func(t *testing.T) {
		before := seen(0)
		restAll(t, 5)
		if err := views[0].Wake(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		allSee(t, before+1)
		if after := seen(0); after != before+1 {
			t.Errorf("%d records were written", after-before)
		}
	})
	t.Run("it wakes for everyone", func(t *testing.T) { everyone(t, "the wake-up", told{1, true}) })
	t.Run("an event that is awake is not woken again", func(t *testing.T) {
		before := seen(1)
		for range 10 {
			if err := views[1].Wake(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
		}
		if err := views[1].Rest(t.Context(), 1, before, 6); err != nil { // the next record
			t.Fatal(err)
		}
		allSee(t, before+1)
		if after := seen(1); after != before+1 {
			t.Errorf("%d records were written", after-before)
		}
	})
	t.Run("one that a service rests about is woken, once for all who ask", func(t *testing.T) {
		before := seen(2)
		failed := make(chan error, 20)
		for range cap(failed) {
			go func() { failed <- views[2].Wake(t.Context(), 1) }()
		}
		for range cap(failed) {
			if err := receive(t, failed, "an answer"); err != nil {
				t.Error(err)
			}
		}
		allSee(t, before+1)
		if after := seen(2); after != before+1 {
			t.Errorf("%d records were written", after-before)
		}
	})
	t.Run("an event without topics sleeps until it is woken, and is not rested about", func(t *testing.T) {
		bare := ticketing.CatalogueEvent{ID: 3, Revision: 1}
		if err := writer.PublishEvent(t.Context(), bare); err != nil {
			t.Fatal(err)
		}
		everyone(t, "the event", told{3, false})
		if err := views[0].Wake(t.Context(), 3); err != nil {
			t.Fatal(err)
		}
		everyone(t, "the wake-up", told{3, true})
		for i := range views {
			if ids, _ := views[i].Tired(0); slices.Contains(ids, 3) {
				t.Errorf("tired: %v", ids)
			}
		}
		bare.JournalTopicID, bare.Revision = "journal", 2
		if err := writer.PublishEvent(t.Context(), bare); err != nil {
			t.Fatal(err)
		}
		everyone(t, "the topics", told{3, true})
		until(t, "it may be rested about", func() bool { ids, _ := views[2].Tired(0); return slices.Contains(ids, 3) })
	})
	t.Run("nobody wakes an event that is archived, or rests about it", func(t *testing.T) {
		if err := writer.PublishEvent(t.Context(), ticketing.CatalogueEvent{ID: 2, Revision: 3, JournalTopicID: "journal", Closed: true, Archived: true}); err != nil {
			t.Fatal(err)
		}
		everyone(t, "the archive", told{2, false})
		for i, v := range views {
			until(t, "the archive is known", func() bool { return v.Wake(t.Context(), 2) == port.ErrArchived })
			before := seen(i)
			if err := v.Rest(t.Context(), 2, before, 1); err != nil {
				t.Error(err)
			}
			if ids, after := v.Tired(0); slices.Contains(ids, 2) || after != before {
				t.Errorf("tired: %v, %d records were written", ids, after-before)
			}
		}
	})
}
