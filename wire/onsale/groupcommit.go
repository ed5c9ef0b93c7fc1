package onsale

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type groupCommit struct {
	Clients  int `env:"ONSALE_BENCH_CLIENTS" default:"256" help:"Clients, each with one booking at a time."`
	Bookings int `env:"ONSALE_BENCH_BOOKINGS" default:"20000" help:"Bookings of a turn with groups. A turn without has a tenth."`
	Rounds   int `env:"ONSALE_BENCH_ROUNDS" default:"3" help:"Turns of each, after one to warm up."`
	figuresFlags
}

// Validate checks the flags.
func (g groupCommit) Validate() error {
	switch {
	case g.Clients < 1 || g.Clients > 2000:
		return fmt.Errorf("--clients %d: must be from 1 to 2,000", g.Clients)
	case g.Bookings < 10 || g.Bookings > 1_000_000:
		return fmt.Errorf("--bookings %d: must be from 10 to 1,000,000", g.Bookings)
	case g.Rounds < 1 || g.Rounds > 100:
		return fmt.Errorf("--rounds %d: must be from 1 to 100", g.Rounds)
	}
	return nil
}

// Run starts the stores of an installation without its services.
func (g groupCommit) Run(ctx context.Context) error {
	_, c, end, err := startParts(ctx, supervisor.Config{Run: []string{}}, brokerFlags{})
	if err != nil {
		return err
	}
	defer end()
	url, err := c.DatabaseURL(supervisor.Bookings)
	if err != nil {
		return err
	}
	grouped, err := booking.Open(ctx, url)
	if err != nil {
		return err
	}
	defer grouped.Close()
	single, err := booking.OpenUngrouped(ctx, url)
	if err != nil {
		return err
	}
	defer single.Close()
	figures, accepted, err := terminal.GroupCommit(ctx, usecase.NewGroupCommit(grouped, single, newBookingID),
		usecase.GroupCommitInput{Clients: g.Clients, Bookings: g.Bookings, Rounds: g.Rounds},
		terminal.Origin{Benchmark: "accept-groupcommit", Machine: loadgen.Machine(), Commit: commitOf("")})
	if err != nil {
		return err
	}
	rows, err := grouped.AllBookings(ctx)
	if err != nil {
		return err
	}
	if len(rows) != accepted {
		return errors.Join(g.publish(figures, 1), fmt.Errorf("%d bookings were accepted, and %d are there", accepted, len(rows)))
	}
	return g.publish(figures, 0)
}
