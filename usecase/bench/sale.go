package bench

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// seatsEach is the number of seats in each booking.
const seatsEach = 2

// tenSections is how many sections most events have.
const tenSections = 10

// mostSeats is the most that an event may have.
const mostSeats = 100_000

// maker makes what a benchmark sells and to whom.
type maker struct {
	events port.BenchEvents
	tokens port.Tokens
	load   port.Load
}

// sale puts an event on sale for n buyers and wakes it: what the first booking of an
// event costs is no part of what is measured. Events measures it.
func (m maker) sale(ctx context.Context, h port.Hall, n int) (port.Sale, error) {
	s, waker, err := m.asleep(ctx, h, n)
	if err != nil {
		return s, err
	}
	return s, m.load.Wake(ctx, s, waker, h.Seats)
}

// asleep puts an event on sale for n buyers and one who may wake it.
func (m maker) asleep(ctx context.Context, h port.Hall, n int) (s port.Sale, waker string, err error) {
	event, err := m.events.Create(ctx, h)
	if err != nil {
		return s, "", err
	}
	tokens, err := buyers(m.tokens, event, n+1, time.Now())
	if err != nil {
		return s, "", err
	}
	return port.Sale{Event: event, Sections: sections(h.Sections), SeatsEach: seatsEach, BuyerTokens: tokens[:n]}, tokens[n], nil
}

// hallFor returns a hall of ten sections with at least that many seats.
func hallFor(seats int) port.Hall {
	const rows, perRow = 4, 25
	block := tenSections * rows * perRow
	return port.Hall{Sections: tenSections, Seats: max(1, (seats+block-1)/block) * block, Rows: rows, SeatsPerRow: perRow}
}

// CPUFigures are processor times of a booking.
type CPUFigures struct {
	All         time.Duration
	WithoutLoad time.Duration
	By          map[string]time.Duration // by process
}

// cpuOf divides what the processes used between two readings by the bookings.
func cpuOf(before, after map[string]time.Duration, bookings int) CPUFigures {
	f := CPUFigures{By: map[string]time.Duration{}}
	for _, name := range slices.Sorted(maps.Keys(after)) {
		f.By[name] = (after[name] - before[name]) / time.Duration(max(bookings, 1))
		f.All += f.By[name]
	}
	f.WithoutLoad = f.All - f.By[Load]
	return f
}
