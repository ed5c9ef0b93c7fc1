package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// Origin says where figures come from. It is part of every benchmark's JSON.
type Origin struct {
	Benchmark string `json:"benchmark"`
	Machine   string `json:"machine"`
	Commit    string `json:"commit"`
	Broker    string `json:"broker"`
	Servers   int    `json:"servers"`
}

// Figures are what a benchmark measured.
type Figures interface {
	// Text prints the figures for people.
	Text(out io.Writer)
	// JSON returns a value whose JSON is the benchmark's file.
	JSON(violations int) any
}

// Charted are figures that can be drawn.
type Charted interface{ Chart() Chart }

// WriteJSON writes figures to a file, as JSON. violations is what `onsale verify`
// found after the benchmark.
func WriteJSON(file string, f Figures, violations int) error {
	encoded, err := json.MarshalIndent(f.JSON(violations), "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(encoded, '\n'), 0o644)
}

// Sellout runs the sell-out with two progress bars.
func Sellout(ctx context.Context, use *bench.Sellout, in bench.SelloutInput, o Origin) (Figures, error) {
	progress := newBars()
	in.OnProgress = progress.Step("sell-out", in.Seats/2)
	f, err := use.Handle(ctx, in)
	progress.end()
	return selloutFigures{o, f}, err
}

type selloutFigures struct {
	Origin
	bench.SelloutFigures
}

func (f selloutFigures) Text(out io.Writer) {
	fmt.Fprintf(out, `sell-out of %d seats, two a booking, %d clients (%s broker, %d servers of each service; %s, commit %s)
  elapsed            %8.2f s   accepted in %.2f s, answered in %.2f s
  bookings           %8.0f a second, %d held, %d refused
  processor time     %8.0f µs a booking, all processes and the load; %.0f µs without the load
  accept             %8.1f ms p50, %.1f ms p99
`, f.Seats, f.Clients, f.Broker, f.Servers, f.Machine, f.Commit, f.Elapsed.Seconds(), f.AcceptedIn.Seconds(), f.AnsweredIn.Seconds(),
		f.Rate, f.Held, f.Refused, micros(f.CPU.All), micros(f.CPU.WithoutLoad), millis(f.AcceptP50), millis(f.AcceptP99))
	printCPU(out, f.CPU)
}

// Chart implements Charted.
func (f selloutFigures) Chart() Chart {
	return cpuChart("A sell-out: processor time of a booking", f.CPU)
}

func (f selloutFigures) JSON(violations int) any {
	return struct {
		Origin
		Seats      int     `json:"seats"`
		Bookings   int     `json:"bookings"`
		Held       int     `json:"held"`
		Refused    int     `json:"refused"`
		Elapsed    float64 `json:"elapsed_s"`
		AcceptedIn float64 `json:"accepted_in_s"`
		AnsweredIn float64 `json:"answered_in_s"`
		Rate       float64 `json:"bookings_per_s"`
		cpuJSON
		AcceptP50  float64 `json:"accept_p50_ms"`
		AcceptP99  float64 `json:"accept_p99_ms"`
		Violations int     `json:"violations"`
	}{f.Origin, f.Seats, f.Bookings, f.Held, f.Refused, f.Elapsed.Seconds(), f.AcceptedIn.Seconds(), f.AnsweredIn.Seconds(), f.Rate,
		cpuAsJSON(f.CPU), millis(f.AcceptP50), millis(f.AcceptP99), violations}
}

// Failover runs the failover and prints a line for each outage.
func Failover(ctx context.Context, use *bench.Failover, in bench.FailoverInput, o Origin, out io.Writer) (Figures, error) {
	in.OnRound = func(r bench.Outage) {
		fmt.Fprintf(out, "  round %d: %s %s: %.2f s\n", r.Round, r.Server, r.Ending, r.Took.Seconds())
	}
	f, err := use.Handle(ctx, in)
	return failoverFigures{o, f, in.Servers}, err
}

type failoverFigures struct {
	Origin
	bench.FailoverFigures
	servers []string
}

func (f failoverFigures) Text(out io.Writer) {
	fmt.Fprintf(out, "failover, %d rounds (%s broker; %s, commit %s): from the signal until every section sold again\n", f.Rounds, f.Broker, f.Machine, f.Commit)
	for _, server := range f.servers {
		fmt.Fprintf(out, "  %-26s killed %5.2f s   terminated %5.2f s\n", server, f.Killed[server].Seconds(), f.Terminated[server].Seconds())
	}
}

func (f failoverFigures) JSON(violations int) any {
	return struct {
		Origin
		Rounds     int                `json:"rounds"`
		Killed     map[string]float64 `json:"killed_s"` // by service
		Ended      map[string]float64 `json:"ended_s"`
		Violations int                `json:"violations"`
	}{f.Origin, f.Rounds, seconds(f.Killed), seconds(f.Terminated), violations}
}

// Idle runs the idle measurement with a progress bar for the events.
func Idle(ctx context.Context, use *bench.Idle, in bench.IdleInput, o Origin) (Figures, error) {
	progress := newBars()
	created := progress.add("events", in.Events)
	in.OnCreated = created.Increment
	f, err := use.Handle(ctx, in)
	created.Abort(false)
	progress.Wait()
	return idleFigures{o, f}, err
}

type idleFigures struct {
	Origin
	bench.IdleFigures
}

func (f idleFigures) Text(out io.Writer) {
	fmt.Fprintf(out, "%d events on sale without buyers, for %.0f s (%s broker, %d servers of each service; %s, commit %s)\n  processor time     %.2f cores\n",
		f.Events, f.Watched.Seconds(), f.Broker, f.Servers, f.Machine, f.Commit, f.Cores)
	for _, name := range slices.Sorted(maps.Keys(f.CoresBy)) {
		fmt.Fprintf(out, "    %-28s %.3f\n", name, f.CoresBy[name])
	}
}

func (f idleFigures) JSON(violations int) any {
	return struct {
		Origin
		Events     int                `json:"events"`
		Seconds    float64            `json:"seconds"`
		Cores      float64            `json:"cores"`
		CoresBy    map[string]float64 `json:"cores_by_process"`
		Violations int                `json:"violations"`
	}{f.Origin, f.Events, f.Watched.Seconds(), f.Cores, f.CoresBy, violations}
}

// printCPU prints a line for each process.
func printCPU(out io.Writer, f bench.CPUFigures) {
	for _, name := range slices.Sorted(maps.Keys(f.By)) {
		fmt.Fprintf(out, "    %-26s %4.0f µs a booking\n", name, micros(f.By[name]))
	}
}

func cpuChart(title string, f bench.CPUFigures) Chart {
	p := Panel{Name: "µs a booking", Bars: []Bar{{Name: "all", Value: micros(f.All)}}}
	for _, name := range slices.Sorted(maps.Keys(f.By)) {
		p.Bars = append(p.Bars, Bar{Name: name, Value: micros(f.By[name])})
	}
	return Chart{Title: title, Says: "What each process uses for one booking of two seats.", Panels: []Panel{p}}
}

// cpuJSON is part of the JSON of benchmarks that book.
type cpuJSON struct {
	CPU         float64            `json:"cpu_us_per_booking"`
	CPUServices float64            `json:"cpu_us_per_booking_without_load"`
	CPUBy       map[string]float64 `json:"cpu_us_per_booking_by_process"`
}

func cpuAsJSON(f bench.CPUFigures) cpuJSON {
	by := map[string]float64{}
	for name, t := range f.By {
		by[name] = micros(t)
	}
	return cpuJSON{micros(f.All), micros(f.WithoutLoad), by}
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func seconds(of map[string]time.Duration) map[string]float64 {
	converted := map[string]float64{}
	for name, d := range of {
		converted[name] = d.Seconds()
	}
	return converted
}
