package bench

import (
	"context"
)

// GrowthInput says how far an installation grows.
type GrowthInput struct {
	Small, Large int // seats of the events that are compared
	Events       int // that are awake in the end
	History      int // bookings of earlier sales in the end
	Clients      int
	Buyers       int
	Steps        Steps
}

// GrowthFigures are processor times of a booking, without the load, relative to that
// of a small event on a new installation.
type GrowthFigures struct {
	First   CPUFigures // of the small event
	Large   float64    // of a large event
	Events  float64    // of a small event while others are awake
	History float64    // of a small event after many bookings
}

// Growth measures whether a booking becomes dearer as an installation grows.
type Growth struct{ sellout *Sellout }

// NewGrowth returns the use case.
func NewGrowth(s *Sellout) *Growth { return &Growth{s} }

// Handle grows the installation in steps and sells an event after each.
func (g *Growth) Handle(ctx context.Context, in GrowthInput) (f GrowthFigures, err error) {
	bookings := 0
	sell := func(name string, seats int) (CPUFigures, error) {
		f, err := g.sellout.Handle(ctx, SelloutInput{Seats: seats, Sections: tenSections, Clients: in.Clients, Buyers: in.Buyers,
			OnProgress: in.Steps.Step(name, seats/seatsEach)})
		bookings += f.Bookings
		return f.CPU, err
	}
	relative := func(name string, seats int) (float64, error) {
		cpu, err := sell(name, seats)
		return float64(cpu.WithoutLoad) / float64(f.First.WithoutLoad), err
	}
	if _, err = sell("warm-up", in.Small); err != nil {
		return f, err
	}
	if f.First, err = sell("small event", in.Small); err != nil {
		return f, err
	}
	if f.Large, err = relative("large event", in.Large); err != nil {
		return f, err
	}
	for bookings+in.Small/seatsEach < in.History {
		if _, err = sell("history", in.Large); err != nil {
			return f, err
		}
	}
	if f.History, err = relative("after history", in.Small); err != nil {
		return f, err
	}
	created := in.Steps.Step("events", in.Events)
	for n := range in.Events - 1 {
		if _, err = g.sellout.sale(ctx, smallHall, 0); err != nil {
			return f, err
		}
		created(n+1, n+1)
	}
	if err = pause(ctx, settling); err != nil {
		return f, err
	}
	f.Events, err = relative("among many", in.Small)
	return f, err
}
