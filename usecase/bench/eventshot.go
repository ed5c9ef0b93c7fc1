package bench

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// EventsHotInput says how much is sold.
type EventsHotInput struct {
	Events  int // that are sold at once, of 500 seats each
	Clients int // in all, at least one for each event
	Buyers  int // in all, at least one for each event
	Steps   Steps
}

// EventsHotFigures compare the sale of many events at once with that of one event of
// as many seats. A sale lasts from the first stream of a buyer until buyers, journals
// and tickets agree.
type EventsHotFigures struct {
	Events, Seats int           // Seats in all
	Woken         time.Duration // from the first request until each event is awake
	One, Many     float64       // bookings a second
	Ratio         float64       // Many : One
}

// EventsHot measures what it costs that the same demand is for many events.
type EventsHot struct{ maker }

// NewEventsHot returns the use case.
func NewEventsHot(e port.BenchEvents, t port.Tokens, l port.Load) *EventsHot {
	return &EventsHot{maker{e, t, l}}
}

// Handle sells one event to warm up, one to compare with, and then many.
func (h *EventsHot) Handle(ctx context.Context, in EventsHotInput) (f EventsHotFigures, err error) {
	f.Events, f.Seats = in.Events, in.Events*smallHall.Seats
	one := port.Hall{Sections: tenSections, Seats: f.Seats, Rows: smallHall.Rows, SeatsPerRow: smallHall.SeatsPerRow}
	if _, _, err = h.sell(ctx, "warm-up", 1, one, in); err != nil {
		return f, err
	}
	if f.One, _, err = h.sell(ctx, "one event", 1, one, in); err != nil {
		return f, err
	}
	f.Many, f.Woken, err = h.sell(ctx, "many events", in.Events, smallHall, in)
	f.Ratio = f.Many / f.One
	return f, err
}

// sell creates n events, wakes all, and sells all at once. It returns bookings a
// second, and how long it took until all were awake.
func (h *EventsHot) sell(ctx context.Context, name string, n int, hall port.Hall, in EventsHotInput) (rate float64, woken time.Duration, err error) {
	sales, wakers := make([]port.Sale, n), make([]string, n)
	created := in.Steps.Step(name+" created", n)
	for i := range sales {
		if sales[i], wakers[i], err = h.asleep(ctx, hall, in.Buyers/n); err != nil {
			return 0, 0, err
		}
		created(i+1, i+1)
	}
	began := time.Now()
	if err = each(sales, wakingAtOnce, func(i int, s port.Sale) error { return h.load.Wake(ctx, s, wakers[i], hall.Seats) }); err != nil {
		return 0, 0, err
	}
	woken, began = time.Since(began), time.Now()
	bookings := hall.Seats / seatsEach
	report := sumOf(n, in.Steps.Step(name, n*bookings))
	err = each(sales, n, func(i int, s port.Sale) error {
		_, err := h.load.SellOut(ctx, port.SelloutOrder{Sale: s, Bookings: bookings, Clients: (in.Clients + n - 1) / n, OnProgress: report(i)})
		return err
	})
	return float64(n*bookings) / time.Since(began).Seconds(), woken, err
}

// wakingAtOnce is how many events are woken at the same time. A load gives a booking up
// that takes half a minute, and a hundred take longer on two cores.
const wakingAtOnce = 10

// each calls fn for all sales, for so many at once.
func each(sales []port.Sale, atOnce int, fn func(i int, s port.Sale) error) error {
	var all sync.WaitGroup
	free, failed := make(chan struct{}, atOnce), make([]error, len(sales))
	for i, s := range sales {
		free <- struct{}{}
		all.Go(func() {
			failed[i] = fn(i, s)
			<-free
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// sumOf reports the sums over n loads that run at once.
func sumOf(n int, report func(accepted, answered int)) func(i int) func(accepted, answered int) {
	var mu sync.Mutex
	var sum [2]int
	of := make([][2]int, n)
	return func(i int) func(int, int) {
		return func(accepted, answered int) {
			mu.Lock()
			defer mu.Unlock()
			sum[0] += accepted - of[i][0]
			sum[1] += answered - of[i][1]
			of[i] = [2]int{accepted, answered}
			report(sum[0], sum[1])
		}
	}
}
