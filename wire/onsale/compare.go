package onsale

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type compare struct {
	With  string   `required:"" env:"ONSALE_BENCH_WITH" type:"path" help:"Directory of the other build: its onsale and the three services."`
	Pairs int      `env:"ONSALE_BENCH_PAIRS" default:"3" help:"Runs of each build."`
	Load  string   `env:"ONSALE_BENCH_LOAD" enum:",each,this" default:"" help:"Who sends the load: each build its own, or this build to both. By default each for sellout, this for the others."`
	JSON  string   `name:"json" env:"ONSALE_BENCH_JSON" type:"path" help:"File for the figures as JSON."`
	SVG   string   `name:"svg" env:"ONSALE_BENCH_SVG" type:"path" help:"File for a chart."`
	What  []string `name:"benchmark" arg:"" optional:"" passthrough:"" help:"Benchmark, and flags of it. By default sellout."`
}

// headlines are the figures that a comparison prints after each run, by benchmark.
// A build that does not have them cannot be compared.
var headlines = map[string][]string{
	"sellout":           {"bookings_per_s", "cpu_us_per_booking", "cpu_us_per_booking_without_load", "accept_p50_ms", "accept_p99_ms"},
	"cpu-low":           {"cpu_us_per_booking", "cpu_us_per_booking_without_load", "pending_p50_ms", "pending_p99_ms"},
	"latency":           {"most_per_s", "alone_pending_p50_ms", "at_50_accept_p99_ms", "at_50_pending_p99_ms"},
	"full-life":         {"life_per_s", "ratio", "cpu_us_per_booking"},
	"hot-section":       {"hot_per_s", "spread_per_s", "ratio"},
	"overload":          {"goodput_per_s", "peak_per_s", "ratio"},
	"expiry-storm":      {"released_s"},
	"restore":           {"ready_median_s"},
	"failover":          {"killed_s." + supervisor.Seats, "ended_s." + supervisor.Seats},
	"sse-fanout":        {"watched_per_s", "ratio"},
	"growth":            {"large_ratio", "history_ratio", "events_ratio"},
	"memory":            {"sellout_peak_mib_" + supervisor.Bookings, "sellout_peak_mib_" + supervisor.Seats, "sellout_peak_mib_" + supervisor.Ticketing},
	"memory-per-reader": {"kib_per_reader_" + supervisor.Seats},
	"idle":              {"cores"},
	"archive":           {"archive_s", "verify_s", "disk_ratio"},
	"events":            {"create_10th_cpu_s", "create_last_cpu_s", "cores", "ready_s", "wake_p50_ms", "wake_p99_ms", "awake_cores", "awake_ready_s"},
	"events-hot":        {"many_per_s", "one_per_s", "ratio", "woken_s"},
}

// Help is printed by --help.
func (compare) Help() string {
	return `Absolute figures of two machines, or of two hours, say little. This runs pairs: the other build, this build, the other build, and so on, each on an installation of its own that is verified afterwards. It prints medians and the median of the pairs' ratios. Let nothing else run on the machine.

From the other build come the three services, the embedded broker and verify; PostgreSQL and Redis are the machine's. With --load each the other build also sends its own load by its own "onsale bench", which must know the benchmark. With --load this the load is this build's for both, so that it costs the same.

Example: onsale bench compare --with /tmp/before --pairs 3 --json pairs.json --svg pairs.svg sellout --seats 20000`
}

// Validate checks the flags.
func (c compare) Validate() error {
	if c.Pairs < 1 || c.Pairs > 100 {
		return fmt.Errorf("--pairs %d: must be from 1 to 100", c.Pairs)
	}
	name, _ := c.benchmark()
	if headlines[name] == nil {
		return fmt.Errorf("%s cannot be compared; choose from %s", name, strings.Join(slices.Sorted(maps.Keys(headlines)), ", "))
	}
	return nil
}

func (c compare) benchmark() (name string, flags []string) {
	if len(c.What) == 0 {
		return "sellout", nil
	}
	return c.What[0], c.What[1:]
}

// Run runs the pairs.
func (c compare) Run(ctx context.Context) error {
	if err := checkBuild(c.With); err != nil {
		return err
	}
	own, err := binaries()
	if err != nil {
		return err
	}
	if err := checkBuild(own); err != nil {
		return err
	}
	name, flags := c.benchmark()
	args := append([]string{"bench", name}, flags...)
	this := loadgen.Build{Onsale: filepath.Join(own, "onsale"), Args: args, Stderr: os.Stderr}
	other, load := this, "under this build's load"
	if c.Load == "each" || c.Load == "" && name == "sellout" {
		other.Onsale, load = filepath.Join(c.With, "onsale"), "each build under its own load"
	} else {
		other.Args = append(slices.Clone(args), "--build", c.With)
	}
	t := terminal.Comparison{Benchmark: strings.Join(args[1:], " "), Load: load, Machine: loadgen.Machine(), Commit: commitOf(""),
		Other: c.With, OtherCommit: commitOf(c.With), Headlines: headlines[name], Out: os.Stdout}
	figures, err := t.Compare(ctx, usecase.NewCompare(other, this), c.Pairs)
	if err != nil {
		return err
	}
	figures.Text(os.Stdout)
	if c.JSON != "" {
		if err := terminal.WriteJSON(c.JSON, figures, 0); err != nil {
			return err
		}
	}
	if c.SVG != "" {
		return figures.Chart().WriteSVG(c.SVG)
	}
	return nil
}
