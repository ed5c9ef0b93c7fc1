package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// OverloadInput says how far the load exceeds what can be sold.
type OverloadInput struct {
	Seats   int     // of the sale that finds the peak
	Times   float64 // the peak
	For     time.Duration
	Clients int // of the sale that finds the peak
	Most    int // requests at the same time during the overload
	Buyers  int
	Steps   Steps
}

// OverloadFigures are the figures of an overload.
type OverloadFigures struct {
	Peak     float64 // bookings a second whose buyers are told, in a sell-out
	Offered  float64 // requests a second
	Goodput  float64 // bookings a second whose buyers are told, under the overload
	Ratio    float64 // Goodput : Peak
	Answered int     // bookings that were accepted, and whose buyers were told
	PacedFigures
}

// Overload measures what is left of the rate when many more requests come than can
// be answered.
type Overload struct {
	maker
	sellout *Sellout
}

// NewOverload returns the use case.
func NewOverload(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes) *Overload {
	return &Overload{maker{e, t, l}, NewSellout(e, t, l, c)}
}

// Handle finds the peak and then sends a multiple of it. It fails if the buyer of an
// accepted booking is never told.
func (o *Overload) Handle(ctx context.Context, in OverloadInput) (OverloadFigures, error) {
	peak, err := o.sellout.Handle(ctx, SelloutInput{Seats: in.Seats, Sections: tenSections, Clients: in.Clients, Buyers: in.Buyers,
		OnProgress: in.Steps.Step("sell-out", in.Seats/seatsEach)})
	if err != nil {
		return OverloadFigures{}, err
	}
	f := OverloadFigures{Peak: float64(peak.Bookings) / peak.AnsweredIn.Seconds()}
	rate := f.Peak * in.Times
	sale, err := o.sale(ctx, hallFor(min(2*seatsFor(f.Peak, in.For), mostSeats)), in.Buyers)
	if err != nil {
		return f, err
	}
	r, err := o.load.Paced(ctx, port.PacedOrder{Sale: sale, Rate: rate, For: in.For, Clients: in.Most, OnMeasure: func() {},
		OnProgress: in.Steps.Step("overload", int(rate*in.For.Seconds()))})
	if err != nil {
		return f, err
	}
	f.PacedFigures = pacedFigures(rate, r)
	f.Answered = r.Held + r.Failed
	f.Offered = float64(r.Bookings) / in.For.Seconds()
	f.Goodput = float64(f.Answered) / r.Elapsed.Seconds()
	f.Ratio = f.Goodput / f.Peak
	return f, nil
}
