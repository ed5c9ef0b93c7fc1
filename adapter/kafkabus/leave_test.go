package kafkabus_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/offsets"
)

// holder is an inbox that returns an error for deliveries of inputs that it was not
// assigned, as the inboxes of the services do.
type holder struct {
	*offsets.Tracker
	shelf *shelf
	// claim is called in Assigned, fail in Deliver, if they are not nil.
	claim func(ctx context.Context) error
	fail  func() error

	mu      sync.Mutex
	held    map[domain.EventID]map[port.Input]bool
	refused int
	handled int
	changed chan struct{}
}

var _ port.Inbox = (*holder)(nil)

// shelf is the store of offsets that all holders share.
type shelf struct {
	mu   sync.Mutex
	next map[port.Input]int64
}

func (s *shelf) positions(_ context.Context, inputs []port.Input) (map[port.Input]int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := map[port.Input]int64{}
	for _, input := range inputs {
		at[input] = s.next[input]
	}
	return at, nil
}

func (s *shelf) store(moves []port.Progress) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range moves {
		if s.next[m.Input] != m.From {
			return port.ErrFenced
		}
	}
	for _, m := range moves {
		s.next[m.Input] = m.To
	}
	return nil
}

func newHolder(s *shelf) *holder {
	return &holder{Tracker: offsets.NewTracker(s.positions), shelf: s, held: map[domain.EventID]map[port.Input]bool{}, changed: make(chan struct{})}
}

func (h *holder) Assigned(ctx context.Context, id domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	if h.claim != nil {
		if err := h.claim(ctx); err != nil {
			return nil, err
		}
	}
	from, err := h.Tracker.Assigned(ctx, id, ends)
	h.change(func() {
		h.held[id] = map[port.Input]bool{}
		for input := range from {
			h.held[id][input] = true
		}
	})
	return from, err
}

func (h *holder) Revoked(id domain.EventID, inputs []port.Input) {
	h.Tracker.Revoked(id, inputs)
	h.change(func() { delete(h.held, id) })
}

func (h *holder) Deliver(_ context.Context, _ domain.EventID, batch []port.Delivery) error {
	if h.fail != nil {
		return h.fail()
	}
	moves, fresh, err := h.Progress(batch)
	if err == nil {
		err = h.shelf.store(moves)
	}
	h.change(func() {
		if err != nil {
			h.refused++
		}
		h.handled += len(fresh)
	})
	if err == nil {
		h.Applied(moves)
	}
	return err
}

func (h *holder) change(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f()
	close(h.changed)
	h.changed = make(chan struct{})
}

// holds blocks until the holder has n inputs of an event.
func (h *holder) holds(t *testing.T, id domain.EventID, n int) {
	t.Helper()
	deadline := time.After(2 * limit)
	for {
		h.mu.Lock()
		has, changed := len(h.held[id]), h.changed
		h.mu.Unlock()
		if has == n {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("of event %d %d inputs are held, not %d", id, has, n)
		}
	}
}

// groups are two servers of booking-service and some events, under load.
type groups struct {
	events    []domain.EventID
	catalogue *kafkabus.Catalogue
	clusters  [2]*kafkabus.Cluster
	shelf     *shelf
}

func newGroups(t *testing.T, addr string, events int) *groups {
	g := &groups{shelf: &shelf{next: map[port.Input]int64{}}}
	for i := range g.clusters {
		c, err := kafkabus.Connect(t.Context(), kafkabus.Config{Brokers: addr, ServerID: fmt.Sprintf("s%d", i+1), Service: message.BookingService,
			Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		g.clusters[i] = c
	}
	var err error
	if g.catalogue, err = kafkabus.NewCatalogue(g.clusters[0]); err != nil {
		t.Fatal(err)
	}
	start(t, g.catalogue.Run)
	for id := range domain.EventID(events) {
		id++
		topicID, err := g.clusters[0].Create(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.catalogue.PublishEvent(t.Context(), ticketing.CatalogueEvent{ID: id, Revision: 1, JournalTopicID: topicID}); err != nil {
			t.Fatal(err)
		}
		g.events = append(g.events, id)
	}
	return g
}

// load sends to all events until the test ends, pending messages at a time.
func (g *groups) load(t *testing.T, pending int) {
	publisher, err := kafkabus.NewPublisher(g.clusters[0])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(publisher.Close)
	start(t, func(ctx context.Context) error {
		slots := make(chan struct{}, pending)
		for n := 0; ctx.Err() == nil; n++ {
			select {
			case slots <- struct{}{}:
			case <-ctx.Done():
				return nil
			}
			id := g.events[n%len(g.events)]
			var body message.Message = message.BookingUpdatedToFailed{EventID: id, BookingID: domain.BookingID{1}, Section: "A", Reason: "sold_out"}
			publisher.Send(message.Envelope{ID: fmt.Sprint(n), Time: time.Unix(1_800_000_000, 0), Body: body}, func(error) { <-slots })
		}
		return nil
	})
}

// counts returns how many batches were refused and how many messages handled.
func (h *holder) counts() (refused, handled int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refused, h.handled
}

// An orderly leave hands the partitions over at once: the other members need not
// wait for the session of the one that left to time out.
func TestAMemberLeavesAtOnce(t *testing.T) { onEachBroker(t, leavesAtOnce) }

const (
	// leaveLimit is what a handover takes at most, on a machine that has nothing
	// else to do. On one that runs other tests it is asked of half of them.
	leaveLimit = time.Second
	// missed is a sign that a member did not leave: the others wait for the end of
	// its session, 10 s. A machine that runs other tests takes longer than leaveLimit.
	missed = 8 * time.Second
)

func leavesAtOnce(t *testing.T, addr string) {
	const events, rounds, inputs = 5, 10, 20 // two topics of ten partitions
	g := newGroups(t, addr, events)
	stays := newHolder(g.shelf)
	start(t, kafkabus.NewConsumers(g.clusters[0], stays, awake(g.catalogue)).Run)
	for _, id := range g.events {
		stays.holds(t, id, inputs)
	}
	g.load(t, 200)

	t.Run("50 times under load", func(t *testing.T) {
		var taken, ended []time.Duration
		for range rounds {
			leaves := newHolder(g.shelf)
			stop := start(t, kafkabus.NewConsumers(g.clusters[1], leaves, awake(g.catalogue)).Run)
			for _, id := range g.events {
				leaves.holds(t, id, inputs/2)
				stays.holds(t, id, inputs/2)
			}
			began, left := time.Now(), make(chan time.Duration, 1)
			go func() {
				stop()
				left <- time.Since(began)
			}()
			for _, id := range g.events {
				stays.holds(t, id, inputs)
				taken = append(taken, time.Since(began))
			}
			ended = append(ended, receive(t, left, "end of the member that leaves"))
			if refused, _ := leaves.counts(); refused > 0 {
				t.Errorf("%d batches were delivered that the member did not hold any more", refused)
			}
		}
		slices.Sort(taken)
		slices.Sort(ended)
		refused, handled := stays.counts()
		t.Logf("%d leaves, taken over after %v to %v, median %v; the server had ended after %v to %v; %d messages handled",
			len(taken), taken[0], taken[len(taken)-1], taken[len(taken)/2], ended[0], ended[len(ended)-1], handled)
		if slowest := ended[len(ended)-1]; slowest > missed {
			t.Errorf("%v until the server that left had ended", slowest)
		}
		if median, slowest := taken[len(taken)/2], taken[len(taken)-1]; median > leaveLimit || slowest > missed {
			t.Errorf("until the other member had the partitions: %v, in half of the cases %v", slowest, median)
		}
		if refused > 0 {
			t.Errorf("%d batches were delivered that the other member did not hold any more", refused)
		}
	})
	// end starts a second server and stops it as soon as n of its members have
	// reached a point. It measures until the first has all partitions again.
	end := func(t *testing.T, n int, at func(leaves *holder, reached func())) {
		leaves, reached := newHolder(g.shelf), make(chan struct{}, 1000)
		at(leaves, func() {
			select {
			case reached <- struct{}{}:
			default:
			}
		})
		stop := start(t, kafkabus.NewConsumers(g.clusters[1], leaves, awake(g.catalogue)).Run)
		for range n {
			receive(t, reached, "member that is to be stopped")
		}
		began := time.Now()
		stop()
		left := time.Since(began)
		for _, id := range g.events {
			stays.holds(t, id, inputs)
		}
		took := time.Since(began)
		t.Logf("left after %v, %v until the other member had the partitions", left, took)
		if took > missed {
			t.Errorf("%v until the other member had the partitions", took)
		}
	}
	t.Run("while others of its members still join", func(t *testing.T) {
		end(t, 1, func(leaves *holder, reached func()) {
			leaves.claim = func(context.Context) error {
				reached()
				return nil
			}
		})
	})
	t.Run("while its inbox claims", func(t *testing.T) {
		end(t, events, func(leaves *holder, reached func()) {
			leaves.claim = func(ctx context.Context) error {
				reached()
				<-ctx.Done()
				return ctx.Err()
			}
		})
	})
	t.Run("although its inbox fails", func(t *testing.T) {
		end(t, 1, func(leaves *holder, reached func()) {
			leaves.fail = func() error {
				reached()
				return errors.New("no database")
			}
		})
	})
}
