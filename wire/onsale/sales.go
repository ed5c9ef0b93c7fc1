package onsale

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

// saleFlags are those of benchmarks that sell events of ten sections.
type saleFlags struct {
	Seats   int `env:"ONSALE_BENCH_SEATS" default:"50000" help:"Seats of each event, a multiple of 1,000."`
	Clients int `env:"ONSALE_BENCH_CLIENTS" default:"256" help:"Clients that sell out, each with one request at a time."`
	Buyers  int `env:"ONSALE_BENCH_BUYERS" default:"${buyers}" help:"Buyers. Each reads a stream of its bookings."`
	benchFlags
}

// Validate checks the flags.
func (s saleFlags) Validate() error {
	if s.Clients < 1 || s.Clients > 10_000 || s.Buyers < 1 || s.Buyers > 10_000 {
		return errors.New("--clients and --buyers: must be from 1 to 10,000")
	}
	return errors.Join(validSeats("--seats", s.Seats), s.brokerFlags.Validate())
}

// validSeats checks the size of an event of ten sections.
func validSeats(flag string, seats int) error {
	if seats < 1000 || seats > 100_000 || seats%1000 != 0 {
		return fmt.Errorf("%s %d: must be from 1,000 to 100,000 and a multiple of 1,000", flag, seats)
	}
	return nil
}

type latency struct {
	For time.Duration `env:"ONSALE_BENCH_FOR" default:"15s" help:"How long to measure each rate, less if an event of 100,000 seats does not last."`
	saleFlags
}

// Validate checks the flags.
func (l latency) Validate() error {
	if l.For < time.Second || l.For > time.Hour {
		return fmt.Errorf("--for %s: must be from 1s to 1h", l.For)
	}
	return l.saleFlags.Validate()
}

// Run measures each rate.
func (l latency) Run(ctx context.Context) error {
	return l.run(ctx, "latency", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewLatency(p.seller, p.tokens, p.load, p.cpu)
		return terminal.Latency(ctx, use, usecase.LatencyInput{Seats: l.Seats, For: l.For, Clients: l.Clients, Buyers: l.Buyers}, o)
	})
}

type hotSection struct{ saleFlags }

// Run sells out three times.
func (h hotSection) Run(ctx context.Context) error {
	return h.run(ctx, "hot-section", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewHotSection(usecase.NewSellout(p.seller, p.tokens, p.load, p.cpu))
		return terminal.HotSection(ctx, use, usecase.HotSectionInput{Seats: h.Seats, Clients: h.Clients, Buyers: h.Buyers}, o)
	})
}

type overload struct {
	Times float64       `env:"ONSALE_BENCH_TIMES" default:"10" help:"Multiple of the peak that is sent."`
	For   time.Duration `env:"ONSALE_BENCH_FOR" default:"5s" help:"How long the overload lasts."`
	Most  int           `env:"ONSALE_BENCH_MOST" default:"4000" help:"The most requests at the same time during the overload."`
	saleFlags
}

// Validate checks the flags.
func (v overload) Validate() error {
	switch {
	case v.Times < 1 || v.Times > 100:
		return fmt.Errorf("--times %g: must be from 1 to 100", v.Times)
	case v.For < time.Second || v.For > time.Minute:
		return fmt.Errorf("--for %s: must be from 1s to 1m", v.For)
	case v.Most < 1 || v.Most > 15_000:
		return fmt.Errorf("--most %d: must be from 1 to 15,000", v.Most)
	}
	return v.saleFlags.Validate()
}

// Run finds the peak and exceeds it.
func (v overload) Run(ctx context.Context) error {
	return v.run(ctx, "overload", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewOverload(p.seller, p.tokens, p.load, p.cpu)
		return terminal.Overload(ctx, use, usecase.OverloadInput{Seats: v.Seats, Times: v.Times, For: v.For, Clients: v.Clients, Most: v.Most, Buyers: v.Buyers}, o)
	})
}

// readersFlag is of benchmarks whose events are watched.
type readersFlag struct {
	Readers int `env:"ONSALE_BENCH_READERS" default:"5000" help:"Readers of the live map."`
}

// Validate checks the flag.
func (r readersFlag) Validate() error {
	if r.Readers < 1 || r.Readers > 15_000 {
		return fmt.Errorf("--readers %d: must be from 1 to 15,000", r.Readers)
	}
	return nil
}

type sseFanout struct {
	readersFlag
	saleFlags
}

// Validate checks the flags.
func (s sseFanout) Validate() error {
	return errors.Join(s.readersFlag.Validate(), s.saleFlags.Validate())
}

// Run sells out three times.
func (s sseFanout) Run(ctx context.Context) error {
	return s.run(ctx, "sse-fanout", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewSSEFanout(p.seller, p.tokens, p.load, p.load)
		return terminal.SSEFanout(ctx, use, usecase.SSEFanoutInput{Seats: s.Seats, Readers: s.Readers, Clients: s.Clients, Buyers: s.Buyers}, o)
	})
}

type memory struct {
	Events int `env:"ONSALE_BENCH_EVENTS" default:"100" help:"Events that are awake in the end; all but the first have 500 seats."`
	saleFlags
}

// Validate checks the flags.
func (m memory) Validate() error {
	if m.Events < 1 || m.Events > 1000 {
		return fmt.Errorf("--events %d: must be from 1 to 1,000", m.Events)
	}
	return m.saleFlags.Validate()
}

// Run sells out and creates events.
func (m memory) Run(ctx context.Context) error {
	return m.run(ctx, "memory", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewMemory(p.seller, p.tokens, p.load, p.memory)
		return terminal.Memory(ctx, use, usecase.MemoryInput{Seats: m.Seats, Events: m.Events, Clients: m.Clients, Buyers: m.Buyers}, o)
	})
}

type memoryPerReader struct {
	readersFlag
	Seats int `env:"ONSALE_BENCH_SEATS" default:"50000" help:"Seats of the event, a multiple of 1,000."`
	benchFlags
}

// Validate checks the flags.
func (m memoryPerReader) Validate() error {
	return errors.Join(validSeats("--seats", m.Seats), m.readersFlag.Validate(), m.brokerFlags.Validate())
}

// Run opens the readers' streams.
func (m memoryPerReader) Run(ctx context.Context) error {
	return m.run(ctx, "memory-per-reader", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewMemoryPerReader(p.seller, p.tokens, p.load, p.load, p.memory)
		return terminal.MemoryPerReader(ctx, use, usecase.MemoryPerReaderInput{Seats: m.Seats, Readers: m.Readers}, o)
	})
}

type growth struct {
	Small   int `env:"ONSALE_BENCH_SMALL" default:"10000" help:"Seats of the event that the others are compared with, a multiple of 1,000."`
	Large   int `env:"ONSALE_BENCH_LARGE" default:"100000" help:"Seats of a large event, a multiple of 1,000."`
	History int `env:"ONSALE_BENCH_HISTORY" default:"1000000" help:"Bookings of earlier sales. A million takes some ten minutes on two cores."`
	Events  int `env:"ONSALE_BENCH_EVENTS" default:"100" help:"Events that are awake in the end."`
	Clients int `env:"ONSALE_BENCH_CLIENTS" default:"256" help:"Clients that sell out, each with one request at a time."`
	Buyers  int `env:"ONSALE_BENCH_BUYERS" default:"1000" help:"Buyers. Each reads a stream of its bookings."`
	benchFlags
}

// Validate checks the flags.
func (g growth) Validate() error {
	switch {
	case g.Clients < 1 || g.Clients > 10_000 || g.Buyers < 1 || g.Buyers > 10_000:
		return errors.New("--clients and --buyers: must be from 1 to 10,000")
	case g.History < 0 || g.Events < 1 || g.Events > 1000:
		return errors.New("--history must not be negative, and --events must be from 1 to 1,000")
	}
	return errors.Join(validSeats("--small", g.Small), validSeats("--large", g.Large), g.brokerFlags.Validate())
}

// Run grows the installation.
func (g growth) Run(ctx context.Context) error {
	return g.run(ctx, "growth", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewGrowth(usecase.NewSellout(p.seller, p.tokens, p.load, p.cpu))
		in := usecase.GrowthInput{Small: g.Small, Large: g.Large, Events: g.Events, History: g.History, Clients: g.Clients, Buyers: g.Buyers}
		return terminal.Growth(ctx, use, in, o)
	})
}
