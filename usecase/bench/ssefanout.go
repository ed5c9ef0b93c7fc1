package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// SSEFanoutInput says who watches a sell-out.
type SSEFanoutInput struct {
	Seats   int
	Readers int // of the live map
	Clients int
	Buyers  int // each with a stream of its bookings
	Steps   Steps
}

// SSEFanoutFigures compare a sell-out that many watch with one that nobody watches.
type SSEFanoutFigures struct {
	Readers, Buyers int
	Alone, Watched  float64 // bookings a second
	Ratio           float64 // Watched : Alone
	Frames          int     // that all readers got
	FramesEach      float64 // a reader and second
}

// SSEFanout measures what readers of the live map take from the rate of a sale.
type SSEFanout struct {
	maker
	readers port.MapReaders
}

// NewSSEFanout returns the use case.
func NewSSEFanout(e port.BenchEvents, t port.Tokens, l port.Load, r port.MapReaders) *SSEFanout {
	return &SSEFanout{maker{e, t, l}, r}
}

// Handle sells an event to warm up, one that nobody watches and one that many watch.
func (s *SSEFanout) Handle(ctx context.Context, in SSEFanoutInput) (SSEFanoutFigures, error) {
	f := SSEFanoutFigures{Readers: in.Readers, Buyers: in.Buyers}
	for _, step := range []struct {
		name    string
		readers int
	}{{"warm-up", 0}, {"nobody watches", 0}, {"watched", in.Readers}} {
		took, frames, err := s.sell(ctx, step.name, step.readers, in)
		if err != nil {
			return f, err
		}
		rate := float64(in.Seats/seatsEach) / took.Seconds()
		if step.readers == 0 {
			f.Alone = rate
			continue
		}
		f.Watched, f.Frames, f.FramesEach = rate, frames, float64(frames)/float64(in.Readers)/took.Seconds()
	}
	f.Ratio = f.Watched / f.Alone
	return f, nil
}

func (s *SSEFanout) sell(ctx context.Context, name string, readers int, in SSEFanoutInput) (took time.Duration, frames int, err error) {
	sale, err := s.sale(ctx, hallFor(in.Seats), in.Buyers)
	if err != nil {
		return 0, 0, err
	}
	stop := func() (int, error) { return 0, nil }
	if readers > 0 {
		if stop, err = s.readers.Watch(ctx, sale.Event, readers); err != nil {
			return 0, 0, err
		}
	}
	r, err := s.load.SellOut(ctx, port.SelloutOrder{Sale: sale, Bookings: in.Seats / seatsEach, Clients: in.Clients, OnProgress: in.Steps.Step(name, in.Seats/seatsEach)})
	if err != nil {
		return 0, 0, err
	}
	frames, err = stop()
	return r.Elapsed, frames, err
}
