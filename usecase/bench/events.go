package bench

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// EventsInput says how many events there are, and how many of them wake.
type EventsInput struct {
	Events  int // of 50 seats each; at least tenth
	Wake    int
	For     time.Duration // how long to watch, while all sleep and while some are awake
	Servers []string      // that are started again
	Steps   Steps
}

// EventsFigures are what events cost that nobody needs.
type EventsFigures struct {
	Events           int
	Tenth, Last      Creation
	FellAsleep       time.Duration // from the last creation until all sleep
	WakeP50, WakeP99 time.Duration // of the first booking of a sleeping event, until its seats are held
	Asleep, Awake    EventsAtRest  // while all sleep, and while some are awake
}

// EventsAtRest is what events cost while nobody is there.
type EventsAtRest struct {
	Cores    float64 // all processes
	CoresBy  map[string]float64
	Resident map[string]port.Resident
	Ready    time.Duration // from the end of all servers until they are ready again
}

// Creation is what it took to put an event on sale.
type Creation struct {
	Took time.Duration
	CPU  time.Duration // of all processes
}

// Events measures what events cost that sleep.
type Events struct {
	maker
	cpu     port.CPUTimes
	memory  port.Memory
	awake   port.AwakeEvents
	servers port.Servers
}

// NewEvents returns the use case.
func NewEvents(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes, m port.Memory, a port.AwakeEvents, s port.Servers) *Events {
	return &Events{maker{e, t, l}, c, m, a, s}
}

// tenth is the number of the event that the last one is compared with. The first
// ones pay for what a process does once.
const tenth = 10

// tinyHall is the seating of an event that is one of very many.
var tinyHall = port.Hall{Sections: 1, Seats: 50, Rows: 5, SeatsPerRow: 10}

// Handle creates the events, waits until all sleep, watches them, starts the servers
// again, books in some events, which stay awake until they are paid, and does the same
// with these.
func (h *Events) Handle(ctx context.Context, in EventsInput) (f EventsFigures, err error) {
	f.Events = in.Events
	sales := make([]port.Sale, 0, in.Wake)
	created := in.Steps.Step("events", in.Events)
	for n := 1; n <= in.Events; n++ {
		sale, c, err := h.create(ctx, n <= in.Wake)
		if err != nil {
			return f, fmt.Errorf("event %d of %d: %w", n, in.Events, err)
		}
		if n <= in.Wake {
			sales = append(sales, sale)
		}
		if n == tenth {
			f.Tenth = c
		}
		f.Last = c
		created(n, n)
	}
	began := time.Now()
	if err := h.allAsleep(ctx, in); err != nil {
		return f, err
	}
	f.FellAsleep = time.Since(began)
	if f.Asleep, err = h.atRest(ctx, in); err != nil {
		return f, err
	}
	if err := h.wake(ctx, sales, in.Steps, &f); err != nil {
		return f, err
	}
	if err := pause(ctx, settling); err != nil {
		return f, err
	}
	f.Awake, err = h.atRest(ctx, in)
	return f, err
}

// atRest watches what all processes use for a while. Then it starts the servers again.
func (h *Events) atRest(ctx context.Context, in EventsInput) (r EventsAtRest, err error) {
	watched, err := watch(ctx, h.cpu, in.For)
	if err != nil {
		return r, err
	}
	r = EventsAtRest{Cores: watched.Cores, CoresBy: watched.CoresBy, Resident: h.memory.Resident()}
	r.Ready, err = h.restart(ctx, in.Servers)
	return r, err
}

// create puts an event on sale, for a buyer if it will be sold.
func (h *Events) create(ctx context.Context, sold bool) (s port.Sale, c Creation, err error) {
	before, began := total(h.cpu.CPUTimes()), time.Now()
	if sold {
		s, _, err = h.asleep(ctx, tinyHall, 1)
	} else {
		_, err = h.events.Create(ctx, tinyHall)
	}
	return s, Creation{Took: time.Since(began), CPU: total(h.cpu.CPUTimes()) - before}, err
}

func total(of map[string]time.Duration) (sum time.Duration) {
	for _, t := range of {
		sum += t
	}
	return sum
}

// allAsleep waits until all events sleep.
func (h *Events) allAsleep(ctx context.Context, in EventsInput) error {
	report := in.Steps.Step("asleep", in.Events)
	for {
		awake, err := h.awake.Awake(ctx)
		if err != nil {
			return err
		}
		report(in.Events-awake, in.Events-awake)
		if awake == 0 {
			return nil
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

// restart ends all servers and returns how long they take to be ready again.
func (h *Events) restart(ctx context.Context, servers []string) (time.Duration, error) {
	for _, s := range servers {
		h.servers.Terminate(s)
	}
	began := time.Now()
	failed := make(chan error, len(servers))
	for _, s := range servers {
		go func() { failed <- h.servers.Restart(ctx, s) }()
	}
	var first error
	for range servers {
		if err := <-failed; err != nil && first == nil {
			first = err
		}
	}
	return time.Since(began), first
}

// wake books once in each event.
func (h *Events) wake(ctx context.Context, sales []port.Sale, steps Steps, f *EventsFigures) error {
	booked := steps.Step("woken", len(sales))
	var took []time.Duration
	for i, sale := range sales {
		nothing := func(int, int) {}
		r, err := h.load.Paced(ctx, port.PacedOrder{Sale: sale, Rate: 1, For: time.Second, Clients: 1, OnMeasure: func() {}, OnProgress: nothing})
		if err != nil {
			return err
		}
		if len(r.Pendings) == 0 {
			return fmt.Errorf("no booking of event %d got seats", sale.Event)
		}
		took = append(took, r.Pendings[0])
		booked(i+1, i+1)
	}
	slices.Sort(took)
	f.WakeP50, f.WakeP99 = percentile(took, 0.5), percentile(took, 0.99)
	return nil
}
