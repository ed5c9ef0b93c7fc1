package onsale

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type cpuLow struct {
	Rate    float64       `env:"ONSALE_BENCH_RATE" default:"100" help:"Bookings a second, whether or not the ones before were answered."`
	For     time.Duration `env:"ONSALE_BENCH_FOR" default:"60s" help:"How long to measure."`
	Buyers  int           `env:"ONSALE_BENCH_BUYERS" default:"1000" help:"Buyers. Each reads a stream of its bookings."`
	Servers int           `env:"ONSALE_BENCH_SERVERS" default:"1" help:"Servers of each service: 1 or 2."`
	benchFlags
}

// Validate checks the flags.
func (c cpuLow) Validate() error {
	switch {
	case c.Rate < 1 || c.Rate > 1000:
		return fmt.Errorf("--rate %g: must be from 1 to 1,000", c.Rate)
	case c.For < time.Second || c.Rate*c.For.Seconds() > 45_000:
		return fmt.Errorf("--for %s: must be from 1s, and at most 45,000 bookings in all", c.For)
	case c.Buyers < 1 || c.Buyers > 10_000:
		return fmt.Errorf("--buyers %d: must be from 1 to 10,000", c.Buyers)
	}
	if err := validServers(c.Servers); err != nil {
		return err
	}
	return c.brokerFlags.Validate()
}

// Run sells slowly.
func (c cpuLow) Run(ctx context.Context) error {
	return c.run(ctx, "cpu-low", c.Servers, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewCPULow(p.seller, p.tokens, p.load, p.cpu)
		return terminal.CPULow(ctx, use, usecase.CPULowInput{Rate: c.Rate, For: c.For, Buyers: c.Buyers}, o)
	})
}
