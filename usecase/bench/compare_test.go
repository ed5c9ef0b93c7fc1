package bench_test

import (
	"slices"
	"strings"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

func TestCompare(t *testing.T) {
	t.Run("runs the builds in turns and returns the median of the pairs' ratios", func(t *testing.T) {
		c := gomock.NewController(t)
		other, this := portmock.NewMockBenchBuild(c), portmock.NewMockBenchBuild(c)
		var calls []any
		for _, rate := range []struct{ other, this float64 }{{1000, 1800}, {500, 1000}, {2000, 5000}} {
			calls = append(calls,
				other.EXPECT().Bench(gomock.Any()).Return(port.BenchFigures{"rate": rate.other, "seats": 50, "gone": 1}, nil),
				this.EXPECT().Bench(gomock.Any()).Return(port.BenchFigures{"rate": rate.this, "seats": 50, "new": 1}, nil))
		}
		gomock.InOrder(calls...)
		var runs []string
		input := bench.CompareInput{Pairs: 3, Needs: []string{"rate"}, OnRun: func(r bench.CompareRun) {
			runs = append(runs, map[bool]string{true: "other", false: "this"}[r.Other])
		}}

		result, err := bench.NewCompare(other, this).Handle(t.Context(), input)

		if err != nil || !slices.Equal(runs, []string{"other", "this", "other", "this", "other", "this"}) {
			t.Fatalf("runs %v: %v", runs, err)
		}
		if result.Pairs != 3 || len(result.Figures) != 1 {
			t.Fatalf("the figures that both have and that vary: %+v", result)
		}
		if f := result.Figures[0]; f.Name != "rate" || f.Other != 1000 || f.This != 1800 || f.Ratio != 2 || !slices.Equal(f.Own, []float64{1800, 1000, 5000}) {
			t.Errorf("figure %+v", f)
		}
	})

	t.Run("fails at the JSON of another version", func(t *testing.T) {
		c := gomock.NewController(t)
		other, this := portmock.NewMockBenchBuild(c), portmock.NewMockBenchBuild(c)
		other.EXPECT().Bench(gomock.Any()).Return(port.BenchFigures{"throughput": 1000}, nil)

		_, err := bench.NewCompare(other, this).Handle(t.Context(), bench.CompareInput{Pairs: 3, Needs: []string{"rate"}})

		if err == nil || !strings.Contains(err.Error(), "the other build has no rate") {
			t.Error(err)
		}
	})
}
