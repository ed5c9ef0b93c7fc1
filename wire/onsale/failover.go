package onsale

import (
	"context"
	"fmt"
	"os"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type failover struct {
	Rounds int `env:"ONSALE_BENCH_ROUNDS" default:"3" help:"How often each server is ended by each signal."`
	benchFlags
}

// Validate checks the flags.
func (f failover) Validate() error {
	if f.Rounds < 1 || f.Rounds > 100 {
		return fmt.Errorf("--rounds %d: must be from 1 to 100", f.Rounds)
	}
	return f.brokerFlags.Validate()
}

// Run ends the first servers of seat-reservation-service and booking-service.
func (f failover) Run(ctx context.Context) error {
	return f.run(ctx, "failover", 2, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewFailover(p.seller, p.tokens, p.probe, p.in)
		in := usecase.FailoverInput{Rounds: f.Rounds, Servers: []string{supervisor.Seats, supervisor.Bookings}}
		return terminal.Failover(ctx, use, in, o, os.Stdout)
	})
}
