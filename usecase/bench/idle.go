package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// settling is how long groups, checkpoints and PostgreSQL's flushes still cause
// work after the last event was created.
const settling = 15 * time.Second

// smallHall is the seating of an event that is one of many.
var smallHall = port.Hall{Sections: tenSections, Seats: 500, Rows: 5, SeatsPerRow: 10}

// IdleInput says how many events are watched, and for how long.
type IdleInput struct {
	Events    int
	For       time.Duration
	OnCreated func() // called after each event
}

// IdleFigures are the figures of one idle installation.
type IdleFigures struct {
	Events  int
	Watched time.Duration
	Cores   float64 // all processes
	CoresBy map[string]float64
}

// Idle measures what events cost that are awake while nobody buys.
type Idle struct {
	maker
	cpu port.CPUTimes
}

// NewIdle returns the use case.
func NewIdle(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes) *Idle {
	return &Idle{maker{e, t, l}, c}
}

// Handle creates the events, waits until their work is done and returns the
// processor time of the following in.For.
func (i *Idle) Handle(ctx context.Context, in IdleInput) (IdleFigures, error) {
	for range in.Events {
		if _, err := i.sale(ctx, smallHall, 0); err != nil {
			return IdleFigures{}, err
		}
		in.OnCreated()
	}
	if err := pause(ctx, settling); err != nil {
		return IdleFigures{}, err
	}
	f, err := watch(ctx, i.cpu, in.For)
	f.Events = in.Events
	return f, err
}

// watch returns what all processes use for a while.
func watch(ctx context.Context, cpu port.CPUTimes, long time.Duration) (IdleFigures, error) {
	before, began := cpu.CPUTimes(), time.Now()
	if err := pause(ctx, long); err != nil {
		return IdleFigures{}, err
	}
	after, watched := cpu.CPUTimes(), time.Since(began)
	f := IdleFigures{Watched: watched, CoresBy: map[string]float64{}}
	for name, was := range before {
		f.CoresBy[name] = (after[name] - was).Seconds() / watched.Seconds()
		f.Cores += f.CoresBy[name]
	}
	return f, nil
}

// pause blocks for d, or until ctx is done and then returns its error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
