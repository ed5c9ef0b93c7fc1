package onsale

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type sellout struct {
	Seats    int `env:"ONSALE_BENCH_SEATS" default:"50000" help:"Seats of the event, a multiple of 100 times the sections."`
	Sections int `env:"ONSALE_BENCH_SECTIONS" default:"10" help:"Sections of equal size."`
	Clients  int `env:"ONSALE_BENCH_CLIENTS" default:"256" help:"Clients that book at the same time. Each sends its next request when the last one is answered."`
	Buyers   int `env:"ONSALE_BENCH_BUYERS" default:"1000" help:"Buyers. Each reads a stream of its bookings."`
	Servers  int `env:"ONSALE_BENCH_SERVERS" default:"1" help:"Servers of each service: 1 or 2."`
	benchFlags
}

// Validate checks the flags.
func (s sellout) Validate() error {
	switch {
	case s.Sections < 1 || s.Sections > 26:
		return fmt.Errorf("--sections %d: must be from 1 to 26", s.Sections)
	case s.Seats < 1000 || s.Seats > 100_000 || s.Seats%(s.Sections*100) != 0:
		return fmt.Errorf("--seats %d: must be from 1,000 to 100,000 and a multiple of 100 times the sections", s.Seats)
	case s.Clients < 1 || s.Clients > 10_000 || s.Buyers < 1 || s.Buyers > 10_000:
		return errors.New("--clients and --buyers: must be from 1 to 10,000")
	}
	if err := validServers(s.Servers); err != nil {
		return err
	}
	return s.brokerFlags.Validate()
}

// Run sells out.
func (s sellout) Run(ctx context.Context) error {
	return s.run(ctx, "sellout", s.Servers, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewSellout(p.seller, p.tokens, p.load, p.cpu)
		return terminal.Sellout(ctx, use, usecase.SelloutInput{Seats: s.Seats, Sections: s.Sections, Clients: s.Clients, Buyers: s.Buyers}, o)
	})
}
