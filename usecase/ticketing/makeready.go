package ticketing

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

// MakeReady makes events ready for their first booking when they are first woken: it
// creates the topics, initialises the seats, and publishes the catalogue record again
// with the journal's topic id. Each step is acknowledged before the next and may be
// repeated, so a crash leaves nothing behind that a repeat does not mend, and several
// servers may do it at once.
type MakeReady struct {
	events    port.EventChanges
	topics    port.EventTopics
	publisher port.Publisher
	open      *OpenSale
	wakes     port.Wakes
	queue     *wokenQueue
}

// NewMakeReady binds the ports.
func NewMakeReady(e port.EventChanges, t port.EventTopics, p port.Publisher, open *OpenSale, w port.Wakes) *MakeReady {
	return &MakeReady{events: e, topics: t, publisher: p, open: open, wakes: w, queue: newWokenQueue()}
}

// Run notes which events Handle has to make ready, until ctx is done.
func (h *MakeReady) Run(ctx context.Context) error {
	err := h.wakes.Follow(ctx, func(e ticketing.CatalogueEvent, awake bool) { h.queue.note(e.ID, awake && !e.HasTopics()) })
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Woken rings when there is something to do for Handle.
func (h *MakeReady) Woken() <-chan struct{} { return h.queue.bell }

// WithoutRoom returns how many events were woken for which the brokers have no room.
func (h *MakeReady) WithoutRoom() int { return h.queue.withoutRoom() }

// atOnce is how many events are made ready at once. More would only wait for the
// brokers, which make a hundred partitions for each.
const atOnce = 4

// Handle makes all events ready that were woken, also those that are woken meanwhile.
// It tries each at most once: one that fails does not stop the others, and stays for
// a later call.
func (h *MakeReady) Handle(ctx context.Context) error {
	defer context.AfterFunc(ctx, h.queue.stir)()
	var all sync.WaitGroup
	var failed [atOnce]error
	tried := map[domain.EventID]bool{}
	for i := range failed {
		all.Go(func() {
			for {
				e, ok := h.queue.next(ctx, tried)
				if !ok {
					return
				}
				failed[i] = errors.Join(failed[i], h.queue.done(e, h.steps(ctx, e.id)))
			}
		})
	}
	all.Wait()
	return errors.Join(failed[:]...)
}

func (h *MakeReady) steps(ctx context.Context, id domain.EventID) error {
	e, err := h.events.Stored(ctx, id)
	if err != nil {
		return fmt.Errorf("event %d: %w", id, err)
	}
	if !e.HasTopics() {
		topicID, err := h.topics.Create(ctx, id)
		if errors.Is(err, ticketing.TooManyEvents) {
			if untold := h.setRoom(ctx, id, ""); untold != nil {
				err = untold
			}
		}
		if err != nil {
			return fmt.Errorf("topics of event %d: %w", id, err)
		}
		if err := publish.All(ctx, h.publisher, initialisation(e.CatalogueEvent)); err != nil {
			return fmt.Errorf("initialise the seats of event %d: %w", id, err)
		}
		return h.setRoom(ctx, id, topicID)
	}
	return h.open.Handle(ctx, id)
}

// setRoom stores and publishes the topic id of an event's journal, or that the brokers
// have no room for its topics. If they had none before either, nothing is published.
func (h *MakeReady) setRoom(ctx context.Context, id domain.EventID, topicID string) error {
	known := false
	err := h.events.Change(ctx, id, func(e ticketing.Event) (ticketing.Event, error) {
		known = topicID == "" && (e.NoRoom || e.HasTopics())
		if !known {
			e.JournalTopicID, e.NoRoom = topicID, topicID == ""
		}
		return e, nil
	})
	if err != nil {
		return fmt.Errorf("journal of event %d: %w", id, err)
	}
	if known {
		return nil
	}
	return h.open.Handle(ctx, id)
}

// initialisation returns one message for each section, the same each time.
func initialisation(e ticketing.CatalogueEvent) []message.Envelope {
	out := make([]message.Envelope, len(e.Sections))
	for i, s := range e.Sections {
		m := message.InitializeSeats{EventID: e.ID, Layout: s.Layout}
		out[i] = message.Envelope{ID: m.Action().Flow().Message + "-" + e.ID.String() + "-" + s.Layout.Name, Time: e.CreatedAt,
			Partition: domain.SectionPartition(i), Body: m}
	}
	return out
}
