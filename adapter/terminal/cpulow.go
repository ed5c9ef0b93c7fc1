package terminal

import (
	"context"
	"fmt"
	"io"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// CPULow runs the slow sale with two progress bars.
func CPULow(ctx context.Context, use *bench.CPULow, in bench.CPULowInput, o Origin) (Figures, error) {
	progress := newBars()
	in.OnProgress = progress.Step("bookings", int(in.Rate*in.For.Seconds()))
	f, err := use.Handle(ctx, in)
	progress.end()
	return cpuLowFigures{o, f}, err
}

type cpuLowFigures struct {
	Origin
	bench.CPULowFigures
}

func (f cpuLowFigures) Text(out io.Writer) {
	fmt.Fprintf(out, `%.0f bookings a second for %.0f s, two seats each, %d buyers with a stream (%s broker, %d servers of each service; %s, commit %s)
  processor time     %8.0f µs a booking, all processes and the load; %.0f µs without the load
  accept             %8.1f ms p50, %.1f ms p99
  seats held, told   %8.1f ms p50, %.1f ms p99; %d held, %d refused
`, f.Rate, f.Elapsed.Seconds(), f.Buyers, f.Broker, f.Servers, f.Machine, f.Commit, micros(f.CPU.All), micros(f.CPU.WithoutLoad),
		millis(f.AcceptP50), millis(f.AcceptP99), millis(f.PendingP50), millis(f.PendingP99), f.Held, f.Refused)
	printCPU(out, f.CPU)
}

// Chart implements Charted.
func (f cpuLowFigures) Chart() Chart {
	return cpuChart("A slow sale: processor time of a booking", f.CPU)
}

func (f cpuLowFigures) JSON(violations int) any {
	return struct {
		Origin
		Buyers int `json:"buyers"`
		pacedJSON
		cpuJSON
		Violations int `json:"violations"`
	}{f.Origin, f.Buyers, pacedAsJSON(f.PacedFigures), cpuAsJSON(f.CPU), violations}
}

// pacedJSON is part of the JSON of benchmarks that book at a rate.
type pacedJSON struct {
	Rate       float64 `json:"rate_per_s"`
	Bookings   int     `json:"bookings"`
	Held       int     `json:"held"`
	Refused    int     `json:"refused"`
	Elapsed    float64 `json:"elapsed_s"`
	AcceptP50  float64 `json:"accept_p50_ms"`
	AcceptP99  float64 `json:"accept_p99_ms"`
	PendingP50 float64 `json:"pending_p50_ms"`
	PendingP99 float64 `json:"pending_p99_ms"`
}

func pacedAsJSON(f bench.PacedFigures) pacedJSON {
	return pacedJSON{f.Rate, f.Bookings, f.Held, f.Refused, f.Elapsed.Seconds(), millis(f.AcceptP50), millis(f.AcceptP99), millis(f.PendingP50), millis(f.PendingP99)}
}
