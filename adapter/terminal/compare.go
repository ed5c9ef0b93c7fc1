package terminal

import (
	"context"
	"fmt"
	"io"
	"math"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// Comparison says what is compared.
type Comparison struct {
	Benchmark   string // with its flags
	Load        string // whose load it is
	Machine     string
	Commit      string
	Other       string // directory of the other build
	OtherCommit string
	Headlines   []string // figures that are printed after each run, and drawn
	Out         io.Writer
}

// Compare runs the pairs. It prints each run as it ends.
func (c Comparison) Compare(ctx context.Context, use *bench.Compare, pairs int) (Compared, error) {
	fmt.Fprintf(c.Out, "%s, %s, %s: the build in %s (commit %s) and this build (commit %s) in turns (%s)\n", c.Benchmark, c.Load, count(pairs, "pair"), c.Other, c.OtherCommit, c.Commit, c.Machine)
	result, err := use.Handle(ctx, bench.CompareInput{Pairs: pairs, Needs: c.Headlines, OnRun: c.run})
	return Compared{c, result}, err
}

func (c Comparison) run(r bench.CompareRun) {
	build := "this "
	if r.Other {
		build = "other"
	}
	fmt.Fprintf(c.Out, "  pair %d, %s", r.Pair, build)
	for _, name := range c.Headlines {
		fmt.Fprintf(c.Out, "   %s %s", name, figure(r.Figures[name]))
	}
	fmt.Fprintln(c.Out)
}

// Compared is the outcome of a comparison.
type Compared struct {
	Comparison
	result bench.Comparison
}

// Text implements Figures.
func (c Compared) Text(out io.Writer) {
	fmt.Fprintf(out, "medians, and the median of the pairs' ratios (this build : the other)\n  %-62s %10s %10s %8s\n", "", "other", "this", "ratio")
	for _, f := range c.result.Figures {
		fmt.Fprintf(out, "  %-62s %10s %10s %8.2f\n", f.Name, figure(f.Other), figure(f.This), f.Ratio)
	}
}

// JSON implements Figures. A run with violations fails, so there is no number of
// them.
func (c Compared) JSON(int) any {
	type compared struct {
		Others []float64 `json:"others"`
		Own    []float64 `json:"own"`
		Other  float64   `json:"other"`
		This   float64   `json:"this"`
		Ratio  float64   `json:"ratio"`
	}
	figures := map[string]compared{}
	for _, f := range c.result.Figures {
		figures[f.Name] = compared{f.Others, f.Own, f.Other, f.This, f.Ratio}
	}
	return struct {
		Benchmark   string              `json:"benchmark"`
		Of          string              `json:"of"`
		Load        string              `json:"load"`
		Machine     string              `json:"machine"`
		Commit      string              `json:"commit"`
		OtherCommit string              `json:"other_commit"`
		Pairs       int                 `json:"pairs"`
		Figures     map[string]compared `json:"figures"`
	}{"compare", c.Benchmark, c.Load, c.Machine, c.Commit, c.OtherCommit, c.result.Pairs, figures}
}

// Chart returns a chart of the figures that are printed after each run.
func (c Compared) Chart() Chart {
	chart := Chart{Title: c.Benchmark + ", " + c.Load, Says: "Each dot is a run, each bar the median of a build: above the other build, below this one."}
	for _, name := range c.Headlines {
		for _, f := range c.result.Figures {
			if f.Name == name {
				chart.Panels = append(chart.Panels, Panel{Name: name + fmt.Sprintf(", ratio %.2f", f.Ratio),
					Bars: []Bar{{"other", f.Other, f.Others}, {"this", f.This, f.Own}}})
			}
		}
	}
	return chart
}

// figure prints a number with about three digits, as people read it.
func figure(v float64) string {
	switch size := math.Abs(v); {
	case size >= 100 || v == math.Trunc(v):
		return fmt.Sprintf("%.0f", v)
	case size >= 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.2f", v)
}

var _ Figures = Compared{}
