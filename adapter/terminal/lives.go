package terminal

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// FullLife measures bookings until they are paid or have expired.
func FullLife(ctx context.Context, use *bench.FullLife, in bench.FullLifeInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("bookings of %d seats, %.0f %% paid at once, the others expired after %s", in.Seats, in.Pay*100, in.Window), rows: []row{
		{"life_per_s", f.Rate, "whole lives, without the last window", "bookings a second"},
		{"sellout_per_s", f.Sold, "sell-out", "bookings a second"},
		{"ratio", f.Ratio, "whole lives : sell-out", ""},
		{"held", float64(f.Life.Held), "held", "bookings"},
		{"paid", float64(f.Life.Paid), "paid", "bookings"},
		{"cancelled", float64(f.Life.Cancelled), "expired", "bookings"},
		{"refused", float64(f.Life.Refused), "refused", "requests for seats"},
		{"unpaid", float64(f.Life.Unpaid), "refused", "payments"},
		{"cpu_us_per_booking", micros(f.CPU.All), "processor time, the load's too", "µs a booking"},
		{"cpu_us_per_booking_without_load", micros(f.CPU.WithoutLoad), "without the load", "µs a booking"},
	}, chart: Chart{Title: "Whole lives of bookings", Says: "Bookings a second that are sold and then paid or expire, and that are only sold.",
		Panels: []Panel{{"bookings a second", []Bar{{Name: "whole lives", Value: f.Rate}, {Name: "sell-out", Value: f.Sold}}}}}}, err
}

// ExpiryStorm measures how soon seats of bookings that are over can be sold again.
func ExpiryStorm(ctx context.Context, use *bench.ExpiryStorm, in bench.ExpiryStormInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("%d bookings are over when booking-service starts", f.Bookings), rows: []row{
		{"bookings", float64(f.Bookings), "bookings that are over", ""},
		{"ready_s", f.Ready.Seconds(), "booking-service serves after", "s"},
		{"released_s", f.Released.Seconds(), "all seats are available after", "s"},
	}}, err
}

// Restore measures the start of a seat server without its state.
func Restore(ctx context.Context, use *bench.Restore, in bench.RestoreInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("seat-reservation-service starts with an empty state directory, %d times", in.Rounds), rows: []row{
		{"seats", float64(f.Seats), "seats", ""},
		{"records", float64(f.Records), "journal records", ""},
		{"ready_median_s", f.Median.Seconds(), "ready after, median", "s"},
		{"ready_most_s", f.Most.Seconds(), "ready after, longest", "s"},
	}}, err
}
