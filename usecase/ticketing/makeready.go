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

	mu    sync.Mutex
	woken map[domain.EventID]bool // without topics; true while one is being made ready
	bell  chan struct{}
}

// NewMakeReady binds the ports.
func NewMakeReady(e port.EventChanges, t port.EventTopics, p port.Publisher, open *OpenSale, w port.Wakes) *MakeReady {
	return &MakeReady{events: e, topics: t, publisher: p, open: open, wakes: w, woken: map[domain.EventID]bool{}, bell: make(chan struct{}, 1)}
}

// Run notes which events Handle has to make ready, until ctx is done.
func (h *MakeReady) Run(ctx context.Context) error {
	err := h.wakes.Follow(ctx, h.note)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// Woken rings when there is something to do for Handle.
func (h *MakeReady) Woken() <-chan struct{} { return h.bell }

func (h *MakeReady) note(e ticketing.CatalogueEvent, awake bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e.HasTopics() || !awake {
		delete(h.woken, e.ID)
		return
	}
	if _, known := h.woken[e.ID]; known {
		return
	}
	h.woken[e.ID] = false
	select {
	case h.bell <- struct{}{}:
	default:
	}
}

// atOnce is how many events are made ready at once. More would only wait for the
// brokers, which make a hundred partitions for each.
const atOnce = 4

// Handle makes all events ready that were woken, also those that are woken meanwhile.
// It tries each once: one that fails does not stop the others, and stays for the next
// call.
func (h *MakeReady) Handle(ctx context.Context) error {
	var all sync.WaitGroup
	var failed [atOnce]error
	tried := map[domain.EventID]bool{}
	for i := range failed {
		all.Go(func() {
			for ctx.Err() == nil {
				id, ok := h.next(tried)
				if !ok {
					return
				}
				failed[i] = errors.Join(failed[i], h.one(ctx, id))
			}
		})
	}
	all.Wait()
	return errors.Join(failed[:]...)
}

// next takes the oldest event that was not tried. tried belongs to one call of Handle.
func (h *MakeReady) next(tried map[domain.EventID]bool) (domain.EventID, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var oldest domain.EventID
	for id, busy := range h.woken {
		if !busy && !tried[id] && (oldest == 0 || id < oldest) {
			oldest = id
		}
	}
	if oldest == 0 {
		return 0, false
	}
	h.woken[oldest], tried[oldest] = true, true
	return oldest, true
}

// one makes an event ready. If it fails, the event waits again.
func (h *MakeReady) one(ctx context.Context, id domain.EventID) error {
	err := h.steps(ctx, id)
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, still := h.woken[id]; err != nil && still {
		h.woken[id] = false
	}
	return err
}

func (h *MakeReady) steps(ctx context.Context, id domain.EventID) error {
	e, err := h.events.Stored(ctx, id)
	if err != nil {
		return fmt.Errorf("event %d: %w", id, err)
	}
	if !e.HasTopics() {
		topicID, err := h.topics.Create(ctx, id)
		if err != nil {
			return fmt.Errorf("topics of event %d: %w", id, err)
		}
		if err := publish.All(ctx, h.publisher, initialisation(e.CatalogueEvent)); err != nil {
			return fmt.Errorf("initialise the seats of event %d: %w", id, err)
		}
		err = h.events.Change(ctx, id, func(e ticketing.Event) (ticketing.Event, error) {
			e.JournalTopicID = topicID
			return e, nil
		})
		if err != nil {
			return fmt.Errorf("journal of event %d: %w", id, err)
		}
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
