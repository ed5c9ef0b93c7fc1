package bench

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/onsale-tickets/onsale/port"
)

// CompareInput says how often two builds run the same benchmark.
type CompareInput struct {
	Pairs int
	Needs []string // figures without which a run says nothing
	OnRun func(CompareRun)
}

// CompareRun is one run.
type CompareRun struct {
	Pair    int // from 1
	Other   bool
	Figures port.BenchFigures
}

// Comparison has the figures that the runs of both builds have and that vary.
type Comparison struct {
	Pairs   int
	Figures []Compared // by name
}

// Compared is one figure of both builds.
type Compared struct {
	Name        string
	Others, Own []float64 // of each run
	Other, This float64   // medians
	// Ratio is the median, over the pairs, of this build's figure divided by the other
	// build's. The two runs of a pair follow each other, so a machine that becomes
	// slower in the course of the runs changes both.
	Ratio float64
}

// Compare runs a benchmark in turns with two builds.
type Compare struct{ other, this port.BenchBuild }

// NewCompare returns the use case.
func NewCompare(other, this port.BenchBuild) *Compare { return &Compare{other, this} }

// Handle runs in.Pairs pairs, the other build first.
func (c *Compare) Handle(ctx context.Context, in CompareInput) (Comparison, error) {
	var others, own []port.BenchFigures
	for pair := range in.Pairs {
		for _, b := range []struct {
			build port.BenchBuild
			other bool
			runs  *[]port.BenchFigures
		}{{c.other, true, &others}, {c.this, false, &own}} {
			figures, err := b.build.Bench(ctx)
			if err != nil {
				return Comparison{}, err
			}
			for _, name := range in.Needs {
				if _, has := figures[name]; !has {
					return Comparison{}, fmt.Errorf("the JSON of %s has no %s: it is that of another version, which cannot be compared", of(b.other), name)
				}
			}
			in.OnRun(CompareRun{pair + 1, b.other, figures})
			*b.runs = append(*b.runs, figures)
		}
	}
	return compare(others, own), nil
}

func of(other bool) string {
	if other {
		return "the other build"
	}
	return "this build"
}

// compare takes as many runs of the one build as of the other, at least one.
func compare(others, own []port.BenchFigures) Comparison {
	c := Comparison{Pairs: len(own)}
	for _, name := range slices.Sorted(maps.Keys(own[0])) {
		f := Compared{Name: name}
		var ratios []float64
		complete := true
		for i := range own {
			other, inOther := others[i][name]
			this, inThis := own[i][name]
			complete = complete && inOther && inThis
			f.Others, f.Own = append(f.Others, other), append(f.Own, this)
			if other != 0 {
				ratios = append(ratios, this/other)
			}
		}
		f.Other, f.This, f.Ratio = median(f.Others), median(f.Own), median(ratios)
		if complete && varies(f.Others, f.Own) {
			c.Figures = append(c.Figures, f)
		}
	}
	return c
}

// varies reports whether a figure was measured: what the benchmark was told, such
// as the number of seats, is the same in all runs.
func varies(others, own []float64) bool {
	all := slices.Concat(others, own)
	return slices.Min(all) != slices.Max(all)
}

// median returns 0 if there are no values.
func median(of []float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(of))
	middle := len(sorted) / 2
	if len(sorted)%2 == 0 {
		return (sorted[middle-1] + sorted[middle]) / 2
	}
	return sorted[middle]
}
