package bench

import (
	"context"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Steps tells the person who waits what is done and how far it is.
type Steps interface {
	// Step begins a step of so many bookings. The result is called as it goes on.
	Step(name string, bookings int) (report func(accepted, answered int))
}

// LatencyInput says how large the sales are.
type LatencyInput struct {
	Seats   int           // of the sale that finds the most bookings a second
	For     time.Duration // of each rate, less if the seats of an event do not last
	Clients int
	Buyers  int
	Steps   Steps
}

// LatencyFigures are the times of a booking at several rates.
type LatencyFigures struct {
	Most  float64      // bookings a second of a sell-out
	Alone PacedFigures // one booking at a time
	Rates []LatencyAt
}

// LatencyAt has the figures at a part of the most bookings a second.
type LatencyAt struct {
	Percent int
	PacedFigures
}

// Latency measures how long buyers wait, alone and at parts of the most bookings a
// second.
type Latency struct {
	maker
	sellout *Sellout
}

// NewLatency returns the use case.
func NewLatency(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes) *Latency {
	return &Latency{maker{e, t, l}, NewSellout(e, t, l, c)}
}

// aloneRate is so low that each booking has its outcome before the next one comes.
const aloneRate = 5.0

// Handle finds the most bookings a second, and then measures each rate on an event
// of its own.
func (l *Latency) Handle(ctx context.Context, in LatencyInput) (f LatencyFigures, err error) {
	peak, err := l.sellout.Handle(ctx, SelloutInput{Seats: in.Seats, Sections: tenSections, Clients: in.Clients, Buyers: in.Buyers,
		OnProgress: in.Steps.Step("sell-out", in.Seats/seatsEach)})
	if err != nil {
		return f, err
	}
	f.Most = peak.Rate
	if f.Alone, err = l.at(ctx, "alone", aloneRate, in); err != nil {
		return f, err
	}
	for _, percent := range []int{25, 50, 75, 90} {
		at, err := l.at(ctx, strconv.Itoa(percent)+" %", f.Most*float64(percent)/100, in)
		if err != nil {
			return f, err
		}
		f.Rates = append(f.Rates, LatencyAt{percent, at})
	}
	return f, nil
}

func (l *Latency) at(ctx context.Context, name string, rate float64, in LatencyInput) (PacedFigures, error) {
	lasts := time.Duration(mostSeats*0.95/seatsEach/rate*float64(time.Second)) - warmUp
	d := min(in.For, lasts)
	sale, err := l.sale(ctx, hallFor(seatsFor(rate, warmUp+d)), in.Buyers)
	if err != nil {
		return PacedFigures{}, err
	}
	r, err := l.load.Paced(ctx, port.PacedOrder{Sale: sale, Rate: rate, For: d, WarmUp: warmUp, Clients: pacedClients, OnMeasure: func() {},
		OnProgress: in.Steps.Step(name, int(rate*(warmUp+d).Seconds()))})
	return pacedFigures(rate, r), err
}
