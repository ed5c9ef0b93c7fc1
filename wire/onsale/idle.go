package onsale

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type idle struct {
	Events  int           `env:"ONSALE_BENCH_EVENTS" default:"100" help:"Events on sale, of 500 seats each."`
	Servers int           `env:"ONSALE_BENCH_SERVERS" default:"2" help:"Servers of each service: 1 or 2."`
	For     time.Duration `env:"ONSALE_BENCH_FOR" default:"30s" help:"How long to measure."`
	benchFlags
}

// Validate checks the flags.
func (i idle) Validate() error {
	switch {
	case i.Events < 1 || i.Events > 1000:
		return fmt.Errorf("--events %d: must be from 1 to 1,000", i.Events)
	case i.For < time.Second || i.For > time.Hour:
		return fmt.Errorf("--for %s: must be from 1s to 1h", i.For)
	}
	if err := validServers(i.Servers); err != nil {
		return err
	}
	return i.brokerFlags.Validate()
}

// Run creates the events and measures.
func (i idle) Run(ctx context.Context) error {
	return i.run(ctx, "idle", i.Servers, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		return terminal.Idle(ctx, usecase.NewIdle(p.seller, p.tokens, p.load, p.cpu), usecase.IdleInput{Events: i.Events, For: i.For}, o)
	})
}
