package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Load is the name of the benchmark's own process among the processor times.
const Load = "load"

// SelloutInput says how much is sold to whom.
type SelloutInput struct {
	Seats      int // a multiple of 100 × Sections
	Sections   int
	Clients    int
	Buyers     int
	OnProgress func(accepted, answered int)
}

// SelloutFigures are the figures of one sell-out.
type SelloutFigures struct {
	Event                           domain.EventID
	Seats, Sections, Clients        int
	Bookings, Held, Refused         int
	Elapsed, AcceptedIn, AnsweredIn time.Duration
	Rate                            float64 // bookings a second
	CPU                             CPUFigures
	AcceptP50, AcceptP99            time.Duration
}

// Sellout sells a whole event at once, two seats a booking.
type Sellout struct {
	maker
	cpu port.CPUTimes
}

// NewSellout returns the use case.
func NewSellout(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes) *Sellout {
	return &Sellout{maker{e, t, l}, c}
}

// Handle creates the event, sells it and returns the figures.
func (s *Sellout) Handle(ctx context.Context, in SelloutInput) (SelloutFigures, error) {
	sale, err := s.sale(ctx, port.Hall{Sections: in.Sections, Seats: in.Seats, Rows: 4, SeatsPerRow: 25}, in.Buyers)
	if err != nil {
		return SelloutFigures{}, err
	}
	order := port.SelloutOrder{Sale: sale, Bookings: in.Seats / seatsEach, Clients: in.Clients, OnProgress: in.OnProgress}
	before := s.cpu.CPUTimes()
	r, err := s.load.SellOut(ctx, order)
	if err != nil {
		return SelloutFigures{}, err
	}
	return SelloutFigures{Event: sale.Event, Seats: in.Seats, Sections: in.Sections, Clients: in.Clients, Bookings: order.Bookings, Held: r.Held, Refused: r.Refused,
		Elapsed: r.Elapsed, AcceptedIn: r.Accepted, AnsweredIn: r.Answered, Rate: float64(order.Bookings) / r.Elapsed.Seconds(),
		CPU: cpuOf(before, s.cpu.CPUTimes(), order.Bookings), AcceptP50: percentile(r.Accepts, 0.5), AcceptP99: percentile(r.Accepts, 0.99)}, nil
}

// percentile takes durations in ascending order and p from 0 to 1.
func percentile(of []time.Duration, p float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	return of[min(int(p*float64(len(of))), len(of)-1)]
}
