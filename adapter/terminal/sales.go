package terminal

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// Latency measures how long buyers wait at several rates.
func Latency(ctx context.Context, use *bench.Latency, in bench.LatencyInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return latencyTable(o, f), err
}

func latencyTable(o Origin, f bench.LatencyFigures) table {
	t := table{Origin: o, title: "waiting of buyers, alone and at parts of the most bookings a second",
		rows:  []row{{"most_per_s", f.Most, "sell-out", "bookings a second"}},
		chart: Chart{Title: "How long a buyer waits", Says: "Time from the request until it is accepted, and until the buyer is told that seats are held, at parts of the most bookings a second."}}
	panels := map[string]*Panel{}
	names := []string{"accept p50, ms", "accept p99, ms", "seats held, told p50, ms", "seats held, told p99, ms"}
	for _, name := range names {
		panels[name] = &Panel{Name: name}
	}
	add := func(field, name string, f bench.PacedFigures) {
		t.rows = append(t.rows, row{field + "_rate_per_s", f.Rate, name, "bookings a second"})
		for i, at := range []struct {
			field string
			value float64
		}{{"accept_p50_ms", millis(f.AcceptP50)}, {"accept_p99_ms", millis(f.AcceptP99)}, {"pending_p50_ms", millis(f.PendingP50)}, {"pending_p99_ms", millis(f.PendingP99)}} {
			t.rows = append(t.rows, row{field + "_" + at.field, at.value, "  " + names[i][:len(names[i])-4], "ms"})
			panels[names[i]].Bars = append(panels[names[i]].Bars, Bar{Name: name, Value: at.value})
		}
		t.rows = append(t.rows, row{field + "_refused", float64(f.Refused), "  refused", fmt.Sprintf("of %d", f.Bookings)})
	}
	add("alone", "alone", f.Alone)
	for _, at := range f.Rates {
		add(fmt.Sprintf("at_%d", at.Percent), fmt.Sprintf("at %d %%", at.Percent), at.PacedFigures)
	}
	for _, name := range names {
		t.chart.Panels = append(t.chart.Panels, *panels[name])
	}
	return t
}

// HotSection compares sales with all demand in one section and in ten.
func HotSection(ctx context.Context, use *bench.HotSection, in bench.HotSectionInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("sell-out of %d seats, all demand on one section, and on ten", in.Seats), rows: []row{
		{"spread_per_s", f.Spread.Rate, "ten sections", "bookings a second"},
		{"hot_per_s", f.Hot.Rate, "one section", "bookings a second"},
		{"ratio", f.Ratio, "one : ten", ""},
		{"spread_accept_p99_ms", millis(f.Spread.AcceptP99), "ten sections, accept p99", "ms"},
		{"hot_accept_p99_ms", millis(f.Hot.AcceptP99), "one section, accept p99", "ms"},
	}, chart: Chart{Title: "All demand on one section", Says: "Bookings a second when an event has ten sections, and when it has a single one.",
		Panels: []Panel{{"bookings a second", []Bar{{Name: "ten sections", Value: f.Spread.Rate}, {Name: "one section", Value: f.Hot.Rate}}}}}}, err
}

// EventsHot sells many events at once.
func EventsHot(ctx context.Context, use *bench.EventsHot, in bench.EventsHotInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("%d events sold at once, and one event of as many seats, %d", f.Events, f.Seats), rows: []row{
		{"one_per_s", f.One, "one event", "bookings a second"},
		{"many_per_s", f.Many, "many events", "bookings a second"},
		{"ratio", f.Ratio, "many : one", ""},
		{"woken_s", f.Woken.Seconds(), "all of the many woken after", "s"},
	}, chart: Chart{Title: "Many events at once", Says: "Bookings a second when everybody wants the same event, and when as many seats of many events are sold at once.",
		Panels: []Panel{{"bookings a second", []Bar{{Name: "one event", Value: f.One}, {Name: "many events", Value: f.Many}}}}}}, err
}

// Overload sends a multiple of what can be sold.
func Overload(ctx context.Context, use *bench.Overload, in bench.OverloadInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("overload of %g times the peak for %s, at most %d requests at a time", in.Times, in.For, in.Most), rows: []row{
		{"peak_per_s", f.Peak, "peak", "bookings a second"},
		{"offered_per_s", f.Offered, "offered", "requests a second"},
		{"goodput_per_s", f.Goodput, "answered under the overload", "bookings a second"},
		{"ratio", f.Ratio, "answered : peak", ""},
		{"answered", float64(f.Answered), "accepted, and the buyer was told", "bookings"},
		{"refused", float64(f.Refused), "refused", "requests"},
		{"accept_p99_ms", millis(f.AcceptP99), "request answered p99", "ms"},
		{"pending_p99_ms", millis(f.PendingP99), "seats held, told p99", "ms"},
	}, chart: Chart{Title: "Overload", Says: "Bookings a second whose buyers were told the outcome, in a sell-out and while many times more requests come.",
		Panels: []Panel{{"bookings a second", []Bar{{Name: "peak", Value: f.Peak}, {Name: "overload", Value: f.Goodput}}}}}}, err
}

// SSEFanout sells with and without readers of the live map.
func SSEFanout(ctx context.Context, use *bench.SSEFanout, in bench.SSEFanoutInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("sell-out of %d seats to %d buyers with %d readers of the live map, and with none", in.Seats, f.Buyers, f.Readers), rows: []row{
		{"alone_per_s", f.Alone, "nobody watches", "bookings a second"},
		{"watched_per_s", f.Watched, "watched", "bookings a second"},
		{"ratio", f.Ratio, "watched : nobody watches", ""},
		{"frames", float64(f.Frames), "frames of the map", ""},
		{"frames_per_reader_s", f.FramesEach, "frames of a reader", "a second"},
	}, chart: Chart{Title: "Readers of the live map during a sell-out", Says: "Bookings a second with nobody at the map and with many readers.",
		Panels: []Panel{{"bookings a second", []Bar{{Name: "nobody watches", Value: f.Alone}, {Name: "watched", Value: f.Watched}}}}}}, err
}

// Growth measures whether a booking becomes dearer as an installation grows.
func Growth(ctx context.Context, use *bench.Growth, in bench.GrowthInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("processor time of a booking, without the load, relative to an event of %d seats on a new installation", in.Small), rows: []row{
		{"first_cpu_us_per_booking", micros(f.First.WithoutLoad), "that event", "µs a booking"},
		{"large_ratio", f.Large, fmt.Sprintf("event of %d seats", in.Large), "times"},
		{"history_ratio", f.History, fmt.Sprintf("after %d bookings", in.History), "times"},
		{"events_ratio", f.Events, fmt.Sprintf("while %d events are open", in.Events), "times"},
	}, chart: Chart{Title: "Growth", Says: "Processor time of a booking, relative to a small event on a new installation.", Panels: []Panel{{"times", []Bar{
		{Name: "large event", Value: f.Large}, {Name: "after history", Value: f.History}, {Name: "among many events", Value: f.Events}}}}}}, err
}
