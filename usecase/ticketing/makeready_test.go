package ticketing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/adapter/memory"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	rules "github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/ticketing"
)

// readying runs a MakeReady on a house with some events on sale, in a bubble.
func readying(t *testing.T, events int, test func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady)) {
	t.Helper()
	readyingOn(t, events, func(h *house) port.EventTopics { return h.topics }, test)
}

// readyingOn is readying with other brokers.
func readyingOn(t *testing.T, events int, topics func(h *house) port.EventTopics, test func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHouse()
		wakes := memory.NewWakes(memory.NewWakeLog(), h.catalogue, message.EventTicketing, time.Hour)
		ready := ticketing.NewMakeReady(h.store, topics(h), h.sent, h.open, wakes)
		for range events {
			if _, err := h.create.Handle(t.Context(), creation()); err != nil {
				t.Fatal(err)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- ready.Run(ctx) }()
		synctest.Wait()
		test(t, h, wakes, ready)
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func wakeUp(t *testing.T, wakes *memory.Wakes, id domain.EventID) {
	t.Helper()
	if err := wakes.Wake(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

func (h *house) hasTopics(id domain.EventID) bool {
	e, _ := h.catalogue.Known(id)
	return e.HasTopics()
}

func TestMakeReady(t *testing.T) {
	t.Run("makes those ready that are woken, and no others", func(t *testing.T) {
		readying(t, 2, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			if err := ready.Handle(t.Context()); err != nil || h.hasTopics(1) || h.hasTopics(2) {
				t.Errorf("before: %v %v %v", err, h.hasTopics(1), h.hasTopics(2))
			}
			wakeUp(t, wakes, 2)
			<-ready.Woken()
			h.sent.Fault = func(message.Envelope) error {
				if h.hasTopics(2) {
					t.Error("the catalogue has the journal before the seats are sent")
				}
				return nil
			}
			if err := ready.Handle(t.Context()); err != nil || h.hasTopics(1) || !h.hasTopics(2) {
				t.Errorf("after: %v %v %v", err, h.hasTopics(1), h.hasTopics(2))
			}
			sent := h.sent.Sent()
			if len(sent) != 2 || sent[1].Partition != 1 || sent[1].Body.(message.InitializeSeats).Layout.Name != "B" {
				t.Errorf("%+v", sent)
			}
			if ids, err := h.store.Unpublished(t.Context()); err != nil || len(ids) != 0 {
				t.Errorf("not published: %v %v", ids, err)
			}
			synctest.Wait()
			if err := ready.Handle(t.Context()); err != nil || len(h.sent.Sent()) != 2 {
				t.Errorf("once more: %v, %d messages", err, len(h.sent.Sent()))
			}
		})
	})
	for name, fault := range map[string]func(h *house, err error){
		"no topics": func(h *house, err error) { h.topics.Fault = err },
		"no seats":  func(h *house, err error) { h.sent.Fault = func(message.Envelope) error { return err } },
	} {
		t.Run("tries again after a fault: "+name, func(t *testing.T) {
			readying(t, 1, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
				wakeUp(t, wakes, 1)
				fault(h, errFault)
				if err := ready.Handle(t.Context()); !errors.Is(err, errFault) || h.hasTopics(1) {
					t.Errorf("with the fault: %v %v", err, h.hasTopics(1))
				}
				fault(h, nil)
				if err := ready.Handle(t.Context()); err != nil || !h.hasTopics(1) {
					t.Errorf("after it: %v %v", err, h.hasTopics(1))
				}
			})
		})
	}
	t.Run("forgets no event when it is stopped", func(t *testing.T) {
		readying(t, 1, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			wakeUp(t, wakes, 1)
			stopped, stop := context.WithCancel(t.Context())
			stop()
			_ = ready.Handle(stopped)
			if err := ready.Handle(t.Context()); err != nil || !h.hasTopics(1) {
				t.Errorf("%v %v", err, h.hasTopics(1))
			}
		})
	})
	t.Run("goes on behind one that fails", func(t *testing.T) {
		readying(t, 6, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			for id := range domain.EventID(6) {
				wakeUp(t, wakes, 1+id)
			}
			h.sent.Fault = func(e message.Envelope) error {
				if e.Body.Event() == 1 {
					return errFault
				}
				return nil
			}
			if err := ready.Handle(t.Context()); !errors.Is(err, errFault) || h.hasTopics(1) || !h.hasTopics(6) {
				t.Errorf("%v %v %v", err, h.hasTopics(1), h.hasTopics(6))
			}
		})
	})
}

// topicsFunc answers Create.
type topicsFunc func(id domain.EventID) (string, error)

func (f topicsFunc) Create(_ context.Context, id domain.EventID) (string, error) { return f(id) }

func TestMakeReadyWithoutRoom(t *testing.T) {
	t.Run("says that the brokers have no room, until they have", func(t *testing.T) {
		readying(t, 2, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			wakeUp(t, wakes, 1)
			h.topics.Fault = fmt.Errorf("%w: 1,000 partitions", rules.TooManyEvents)
			if err := ready.Handle(t.Context()); !errors.Is(err, rules.TooManyEvents) || !strings.Contains(err.Error(), "1,000") {
				t.Errorf("refused: %v", err)
			}
			refused, _ := h.catalogue.Known(1)
			if !refused.NoRoom || refused.HasTopics() || ready.WithoutRoom() != 1 {
				t.Errorf("refused: %+v, %d without room", refused, ready.WithoutRoom())
			}
			if err := ready.Handle(t.Context()); err != nil {
				t.Errorf("a refusal is reported again: %v", err)
			}
			if again, _ := h.catalogue.Known(1); again.Revision != refused.Revision {
				t.Error("a refusal is published again")
			}
			h.topics.Fault = nil
			if err := ready.Handle(t.Context()); err != nil {
				t.Error(err)
			}
			synctest.Wait()
			if e, _ := h.catalogue.Known(1); e.NoRoom || !e.HasTopics() || ready.WithoutRoom() != 0 {
				t.Errorf("with room: %+v, %d without room", e, ready.WithoutRoom())
			}
		})
	})
	t.Run("asks for one event at a time, for each in turn", func(t *testing.T) {
		asked := map[domain.EventID]int{}
		refuse := topicsFunc(func(id domain.EventID) (string, error) {
			asked[id]++
			return "", rules.TooManyEvents
		})
		readyingOn(t, 3, func(*house) port.EventTopics { return serially(refuse) }, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			for id := range domain.EventID(3) {
				wakeUp(t, wakes, 1+id)
			}
			_ = ready.Handle(t.Context())
			clear(asked)
			for calls := range 3 {
				_ = ready.Handle(t.Context())
				if len(asked) > 2*(1+calls) { // two are tried before the first is refused
					t.Errorf("%d calls asked for %v", 1+calls, asked)
				}
			}
			if len(asked) != 3 {
				t.Errorf("only these were asked for: %v", asked)
			}
		})
	})
	t.Run("does not let events that hang delay the others", func(t *testing.T) {
		hang := topicsFunc(func(id domain.EventID) (string, error) {
			if id <= 9 {
				time.Sleep(30 * time.Second)
				return "", errFault
			}
			return "journal", nil
		})
		readyingOn(t, 10, func(*house) port.EventTopics { return hang }, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			for id := range domain.EventID(9) {
				wakeUp(t, wakes, 1+id)
			}
			_ = ready.Handle(t.Context())
			go func() { _ = ready.Handle(t.Context()) }()
			time.Sleep(time.Second)
			wakeUp(t, wakes, 10)
			if !h.hasTopics(10) {
				t.Error("an event waits for others that hang")
			}
			time.Sleep(10 * time.Minute)
		})
	})
	t.Run("ends with its context while an event hangs", func(t *testing.T) {
		hang := topicsFunc(func(domain.EventID) (string, error) {
			time.Sleep(30 * time.Second)
			return "", errFault
		})
		readyingOn(t, 1, func(*house) port.EventTopics { return hang }, func(t *testing.T, h *house, wakes *memory.Wakes, ready *ticketing.MakeReady) {
			wakeUp(t, wakes, 1)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			began := time.Now()
			_ = ready.Handle(ctx)
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	})
}

// serially answers one Create at a time.
func serially(f topicsFunc) topicsFunc {
	var mu sync.Mutex
	return func(id domain.EventID) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		return f(id)
	}
}

func TestMakeReadyStoresTheJournalBeforeItIsPublished(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, e := newPorts(t), event(3, rules.OnSale)
		e.JournalTopicID = ""
		catalogue := memory.NewCatalogue()
		_ = catalogue.PublishEvent(t.Context(), e.CatalogueEvent)
		wakes := memory.NewWakes(memory.NewWakeLog(), catalogue, message.EventTicketing, time.Hour)
		wakeUp(t, wakes, e.ID)
		ready := ticketing.NewMakeReady(p.changes, p.topics, p.publisher, p.open(), wakes)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() { _ = ready.Run(ctx) }()
		<-ready.Woken()
		gomock.InOrder(
			p.changes.EXPECT().Stored(gomock.Any(), e.ID).Return(e, nil),
			p.topics.EXPECT().Create(gomock.Any(), e.ID).Return("topic", nil),
			p.publisher.EXPECT().Send(gomock.Any(), gomock.Any()).Do(acknowledge(nil)).Times(2),
			p.changes.EXPECT().Change(gomock.Any(), e.ID, gomock.Any()).DoAndReturn(func(_ context.Context, _ domain.EventID, change func(rules.Event) (rules.Event, error)) error {
				if after, err := change(e); err != nil || after.JournalTopicID != "topic" {
					t.Errorf("stored: %+v %v", after, err)
				}
				return nil
			}),
			p.changes.EXPECT().PublishLocked(gomock.Any(), e.ID, gomock.Any()).Return(nil),
		)
		if err := ready.Handle(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
