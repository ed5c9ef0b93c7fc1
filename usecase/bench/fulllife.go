package bench

import (
	"context"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// FullLifeInput says how much is sold and how long buyers have to pay.
type FullLifeInput struct {
	Seats   int
	Pay     float64       // part of the bookings that is paid
	Window  time.Duration // the installation's, to pay
	Clients int
	Buyers  int
	Steps   Steps
}

// FullLifeFigures compare whole lives of bookings with a sell-out.
type FullLifeFigures struct {
	Life  port.LifeResult
	Rate  float64 // bookings a second, without the window that the last ones wait for
	Sold  float64 // bookings a second of the sell-out
	Ratio float64 // Rate : Sold
	CPU   CPUFigures
}

// FullLife measures bookings from the request until they are paid or have expired.
type FullLife struct {
	maker
	sellout *Sellout
	cpu     port.CPUTimes
}

// NewFullLife returns the use case.
func NewFullLife(e port.BenchEvents, t port.Tokens, l port.Load, c port.CPUTimes) *FullLife {
	return &FullLife{maker{e, t, l}, NewSellout(e, t, l, c), c}
}

// Handle lets the bookings of an event live and then sells another event out. The
// other order would let the bookings of the sell-out expire in the midst of it.
func (u *FullLife) Handle(ctx context.Context, in FullLifeInput) (f FullLifeFigures, err error) {
	sale, err := u.sale(ctx, hallFor(in.Seats), in.Buyers)
	if err != nil {
		return f, err
	}
	before := u.cpu.CPUTimes()
	bookings := in.Seats / seatsEach
	f.Life, err = u.load.FullLife(ctx, port.LifeOrder{Sale: sale, Bookings: bookings, Clients: in.Clients, Pay: in.Pay, Window: in.Window, OnProgress: in.Steps.Step("full life", bookings)})
	if err != nil {
		return f, err
	}
	f.CPU = cpuOf(before, u.cpu.CPUTimes(), bookings)
	sold, err := soldWithin(ctx, in.Window, u.sellout, SelloutInput{Seats: in.Seats, Sections: tenSections, Clients: in.Clients, Buyers: in.Buyers,
		OnProgress: in.Steps.Step("sell-out", bookings)})
	if err != nil {
		return f, err
	}
	f.Rate, f.Sold = float64(bookings)/(f.Life.Elapsed-in.Window).Seconds(), sold.Rate
	f.Ratio = f.Rate / f.Sold
	return f, nil
}
