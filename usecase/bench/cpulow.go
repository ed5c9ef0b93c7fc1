package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// warmUp is how long consumers, pools and caches may take to get into their stride.
const warmUp = 5 * time.Second

// CPULowInput says how many bookings come a second, and for how long.
type CPULowInput struct {
	Rate       float64
	For        time.Duration
	Buyers     int
	OnProgress func(accepted, answered int)
}

// PacedFigures are the figures of bookings at one rate.
type PacedFigures struct {
	Rate                    float64 // bookings a second that were due
	Bookings, Held, Refused int
	Elapsed                 time.Duration
	AcceptP50, AcceptP99    time.Duration
	PendingP50, PendingP99  time.Duration // until the buyer's stream says that seats are held
}

// pacedFigures sums up what clients and buyers saw.
func pacedFigures(rate float64, r port.PacedResult) PacedFigures {
	return PacedFigures{Rate: rate, Bookings: r.Bookings, Held: r.Held, Refused: r.Refused, Elapsed: r.Elapsed,
		AcceptP50: percentile(r.Accepts, 0.5), AcceptP99: percentile(r.Accepts, 0.99),
		PendingP50: percentile(r.Pendings, 0.5), PendingP99: percentile(r.Pendings, 0.99)}
}

// CPULowFigures are the figures of a slow sale.
type CPULowFigures struct {
	PacedFigures
	Buyers int
	CPU    CPUFigures
}

// CPULow measures what a booking costs when few come: there is little to gather, so
// that each is a commit, a message and a frame of its own.
type CPULow struct {
	maker
	cpu port.CPUTimes
}

// NewCPULow returns the use case.
func NewCPULow(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes) *CPULow {
	return &CPULow{maker{e, t, l}, c}
}

// Handle sells at the rate and returns the figures.
func (c *CPULow) Handle(ctx context.Context, in CPULowInput) (CPULowFigures, error) {
	sale, err := c.sale(ctx, hallFor(seatsFor(in.Rate, warmUp+in.For)), in.Buyers)
	if err != nil {
		return CPULowFigures{}, err
	}
	var before map[string]time.Duration
	r, err := c.load.Paced(ctx, port.PacedOrder{Sale: sale, Rate: in.Rate, For: in.For, WarmUp: warmUp, Clients: pacedClients,
		OnMeasure: func() { before = c.cpu.CPUTimes() }, OnProgress: in.OnProgress})
	if err != nil {
		return CPULowFigures{}, err
	}
	return CPULowFigures{pacedFigures(in.Rate, r), in.Buyers, cpuOf(before, c.cpu.CPUTimes(), r.Bookings)}, nil
}

// pacedClients is the most requests at a time. More than that wait in the load.
const pacedClients = 2000

// seatsFor returns the seats that are booked at a rate in a time, and a few more.
func seatsFor(rate float64, d time.Duration) int {
	return int(rate*d.Seconds()*seatsEach*1.02) + seatsEach
}
