package onsale

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

type idle struct {
	Events  int           `env:"ONSALE_BENCH_EVENTS" default:"100" help:"Events on sale, of 500 seats each."`
	Servers int           `env:"ONSALE_BENCH_SERVERS" default:"2" help:"Servers of each service: 1 or 2."`
	For     time.Duration `env:"ONSALE_BENCH_FOR" default:"30s" help:"How long to look."`
	benchFlags
}

// Validate refuses nonsense.
func (i idle) Validate() error {
	switch {
	case i.Events < 1 || i.Events > 1000:
		return fmt.Errorf("--events %d: from 1 to 1,000", i.Events)
	case i.For < time.Second || i.For > time.Hour:
		return fmt.Errorf("--for %s: from 1s to 1h", i.For)
	}
	if err := validServers(i.Servers); err != nil {
		return err
	}
	return i.brokerFlags.Validate()
}

// idleFigures are what is quoted.
type idleFigures struct {
	origin
	Events     int                `json:"events"`
	Seconds    float64            `json:"seconds"`
	Cores      float64            `json:"cores"`
	CoresBy    map[string]float64 `json:"cores_by_process"`
	Violations int                `json:"violations"`
}

// Run opens the events and looks.
func (i idle) Run(ctx context.Context) error {
	f := idleFigures{origin: i.origin("idle", i.Servers), Events: i.Events, CoresBy: map[string]float64{}}
	violations, err := i.benchFlags.run(ctx, i.Servers, time.Hour, func(ctx context.Context, _ supervisor.Config, in *supervisor.Installation) error {
		return i.measure(ctx, in, &f)
	})
	if err != nil {
		return err
	}
	f.Violations = violations
	fmt.Printf("%d events on sale, nobody there, for %.0f s (%s broker, %d servers of each service; %s, commit %s)\n  processor time     %.2f cores\n",
		f.Events, f.Seconds, f.Broker, f.Servers, f.Machine, f.Commit, f.Cores)
	for _, name := range slices.Sorted(maps.Keys(f.CoresBy)) {
		fmt.Printf("    %-28s %.3f\n", name, f.CoresBy[name])
	}
	return i.write(f, violations)
}

func (i idle) measure(ctx context.Context, in *supervisor.Installation, f *idleFigures) error {
	seller, err := newSeller(ctx, "http://"+in.Record().Of(supervisor.Ticketing)[0].HTTP)
	if err != nil {
		return err
	}
	progress := terminalProgress()
	bar := progress.AddBar(int64(i.Events), mpb.PrependDecorators(decor.Name("events ")), mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
	for range i.Events {
		if _, err := seller.create(ctx, hall{sections: 10, seats: 500, rows: 5, perRow: 10}); err != nil {
			return err
		}
		bar.Increment()
	}
	progress.Wait()
	// Groups settle, checkpoints are written, PostgreSQL flushes what it has.
	if err := pause(ctx, 15*time.Second); err != nil {
		return err
	}
	before, began := cpuTimes(in.Record().Processes), time.Now()
	if err := pause(ctx, i.For); err != nil {
		return err
	}
	after, took := cpuTimes(in.Record().Processes), time.Since(began)
	f.Seconds = took.Seconds()
	for name, was := range before {
		f.CoresBy[name] = (after[name] - was).Seconds() / took.Seconds()
		f.Cores += f.CoresBy[name]
	}
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
