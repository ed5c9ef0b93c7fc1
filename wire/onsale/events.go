package onsale

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
	"github.com/onsale-tickets/onsale/wire/process"
)

type events struct {
	Events int           `env:"ONSALE_BENCH_EVENTS" default:"300" help:"Events on the books, of 50 seats each."`
	Wake   int           `env:"ONSALE_BENCH_WAKE" default:"20" help:"Events that are booked after that."`
	For    time.Duration `env:"ONSALE_BENCH_FOR" default:"30s" help:"How long to watch them asleep, and again with those that were woken."`
	benchFlags
}

// Validate checks the flags.
func (e events) Validate() error {
	switch {
	case e.Events < 10 || e.Events > 100_000:
		return fmt.Errorf("--events %d: must be from 10 to 100,000", e.Events)
	case e.Wake < 1 || e.Wake > e.Events:
		return fmt.Errorf("--wake %d: must be from 1 to --events", e.Wake)
	case e.For < time.Second || e.For > time.Hour:
		return fmt.Errorf("--for %s: must be from 1s to 1h", e.For)
	}
	return e.brokerFlags.Validate()
}

type eventsHot struct {
	Events  int `env:"ONSALE_BENCH_EVENTS" default:"100" help:"Events that are sold at once, of 500 seats each."`
	Clients int `env:"ONSALE_BENCH_CLIENTS" default:"256" help:"Clients that sell out, each with one request at a time. Each event has as many, at least one."`
	Buyers  int `env:"ONSALE_BENCH_BUYERS" default:"1000" help:"Buyers. Each reads a stream of its bookings."`
	benchFlags
}

// Validate checks the flags.
func (e eventsHot) Validate() error {
	switch {
	case e.Events < 2 || e.Events > 200:
		return fmt.Errorf("--events %d: must be from 2 to 200", e.Events)
	case e.Clients < 1 || e.Clients > 10_000:
		return fmt.Errorf("--clients %d: must be from 1 to 10,000", e.Clients)
	case e.Buyers < e.Events || e.Buyers > 10_000:
		return fmt.Errorf("--buyers %d: must be from --events to 10,000", e.Buyers)
	}
	return e.brokerFlags.Validate()
}

// Run sells three times.
func (e eventsHot) Run(ctx context.Context) error {
	return e.run(ctx, "events-hot", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewEventsHot(p.seller, p.tokens, p.load)
		return terminal.EventsHot(ctx, use, usecase.EventsHotInput{Events: e.Events, Clients: e.Clients, Buyers: e.Buyers}, o)
	})
}

// Run creates the events, lets them fall asleep and measures.
func (e events) Run(ctx context.Context) error {
	c := supervisor.Config{Servers: 1, Window: time.Hour, Sleep: process.LeastSleepAfter}
	return e.runWith(ctx, "events", c, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		services := p.in.Record().Services
		var awake loadgen.Awake
		for _, s := range services {
			awake.OpsURLs = append(awake.OpsURLs, "http://"+s.Ops)
		}
		use := usecase.NewEvents(p.seller, p.tokens, p.load, p.cpu, p.memory, awake, p.in)
		in := usecase.EventsInput{Events: e.Events, Wake: e.Wake, For: e.For, Servers: slices.Sorted(maps.Keys(services))}
		return terminal.Events(ctx, use, in, o)
	})
}
