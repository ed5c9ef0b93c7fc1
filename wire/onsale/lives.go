package onsale

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

// windowFlag is of benchmarks that let bookings expire.
type windowFlag struct {
	Window time.Duration `name:"payment-window" env:"ONSALE_BENCH_PAYMENT_WINDOW" default:"60s" help:"How long a buyer has to pay. It must be longer than a sell-out takes."`
}

func (w windowFlag) check() error {
	if w.Window < 5*time.Second || w.Window > time.Hour {
		return fmt.Errorf("--payment-window %s: must be from 5s to 1h", w.Window)
	}
	return nil
}

type fullLife struct {
	Pay float64 `env:"ONSALE_BENCH_PAY" default:"0.6" help:"Part of the bookings that is paid. The others expire."`
	windowFlag
	saleFlags
}

// Validate checks the flags.
func (l fullLife) Validate() error {
	if l.Pay < 0 || l.Pay > 1 {
		return fmt.Errorf("--pay %g: must be from 0 to 1", l.Pay)
	}
	if err := l.check(); err != nil {
		return err
	}
	return l.saleFlags.Validate()
}

// Run lets bookings live, and sells out.
func (l fullLife) Run(ctx context.Context) error {
	return l.runWith(ctx, "full-life", supervisor.Config{Servers: 1, Window: l.Window}, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewFullLife(p.seller, p.tokens, p.load, p.cpu)
		return terminal.FullLife(ctx, use, usecase.FullLifeInput{Seats: l.Seats, Pay: l.Pay, Window: l.Window, Clients: l.Clients, Buyers: l.Buyers}, o)
	})
}

type expiryStorm struct {
	windowFlag
	saleFlags
}

// Validate checks the flags.
func (e expiryStorm) Validate() error {
	if err := e.check(); err != nil {
		return err
	}
	return e.saleFlags.Validate()
}

// Run sells out, and starts booking-service when all bookings are over.
func (e expiryStorm) Run(ctx context.Context) error {
	return e.runWith(ctx, "expiry-storm", supervisor.Config{Servers: 1, Window: e.Window}, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewExpiryStorm(usecase.NewSellout(p.seller, p.tokens, p.load, p.cpu), p.in, p.load)
		return terminal.ExpiryStorm(ctx, use, usecase.ExpiryStormInput{Seats: e.Seats, Window: e.Window, Server: supervisor.Bookings, Clients: e.Clients, Buyers: e.Buyers}, o)
	})
}

type restore struct {
	Rounds int `env:"ONSALE_BENCH_ROUNDS" default:"3" help:"How often the state is removed."`
	saleFlags
}

// Validate checks the flags.
func (r restore) Validate() error {
	if r.Rounds < 1 || r.Rounds > 100 {
		return fmt.Errorf("--rounds %d: must be from 1 to 100", r.Rounds)
	}
	return r.saleFlags.Validate()
}

// Run sells, and starts the seat server without its state.
func (r restore) Run(ctx context.Context) error {
	return r.run(ctx, "restore", 1, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewRestore(p.seller, p.tokens, p.load, p.in, p.in)
		return terminal.Restore(ctx, use, usecase.RestoreInput{Seats: r.Seats, Rounds: r.Rounds, Server: supervisor.Seats, Clients: r.Clients, Buyers: r.Buyers}, o)
	})
}
