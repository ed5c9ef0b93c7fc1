package onsale

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/proxy"
	"github.com/onsale-tickets/onsale/adapter/httpapi/web"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/wire/pages"
)

type up struct {
	DataDir       string        `name:"data-dir" env:"ONSALE_DATA_DIR" default:".onsale" type:"path" help:"Where everything is kept. A second start finds it as it was."`
	Port          int           `env:"ONSALE_PORT" default:"8080" help:"Port of the front door."`
	Host          string        `env:"ONSALE_HOST" default:"127.0.0.1" help:"Address of the front door."`
	PaymentWindow time.Duration `name:"payment-window" env:"ONSALE_PAYMENT_WINDOW" default:"15m" help:"How long seats are held for a payment."`
	Servers       int           `env:"ONSALE_SERVERS" default:"1" help:"Servers of each service, behind the door: 1 or 2."`
	brokerFlags
	NoDemo bool `name:"no-demo" env:"ONSALE_NO_DEMO" help:"No demo seller, buyer and event."`
}

// Validate refuses nonsense.
func (u up) Validate() error {
	if u.PaymentWindow < time.Second || u.PaymentWindow > 24*time.Hour {
		return fmt.Errorf("--payment-window %s: from 1s to 24h", u.PaymentWindow)
	}
	if err := validServers(u.Servers); err != nil {
		return err
	}
	if u.Port < 1 || u.Port > 65535 {
		return fmt.Errorf("--port %d: from 1 to 65535", u.Port)
	}
	return u.brokerFlags.Validate()
}

// Run starts all of it and waits for Ctrl-C.
func (u up) Run(ctx context.Context) error {
	addr := net.JoinHostPort(u.Host, strconv.Itoa(u.Port))
	listener, err := net.Listen("tcp", addr) // before anything is started in vain
	if err != nil {
		return fmt.Errorf("the address %s cannot be had (%w); choose another port with --port, or PORT= with make run", addr, errors.Unwrap(err))
	}
	defer listener.Close()
	c := supervisor.Config{DataDir: u.DataDir, Servers: u.Servers, Window: u.PaymentWindow, Progress: report(os.Stdout)}
	in, err := start(ctx, &c, u.brokerFlags)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() {
		fmt.Println("stopping …")
		in.Stop()
		fmt.Println("stopped; the data stays in", u.DataDir)
	}()
	return u.open(ctx, in, listener)
}

// interrupted leaves out what is only the echo of Ctrl-C.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// open serves the door.
func (u up) open(ctx context.Context, in *supervisor.Installation, listener net.Listener) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	record := in.Record()
	var accounts *web.Demo
	if !u.NoDemo {
		accounts = &web.Demo{Buyer: demoBuyer, Seller: demoSeller, Password: demoPassword}
	}
	home, err := pages.New(accounts)
	if err != nil {
		return err
	}
	handler := proxy.New(proxy.Backends{Bookings: addresses(record.Of(supervisor.Bookings)), Seats: addresses(record.Of(supervisor.Seats)),
		Ticketing: addresses(record.Of(supervisor.Ticketing))}, home, log)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- httpapi.ServeOn(ctx, listener, handler) }()
	url := "http://localhost:" + strconv.Itoa(u.Port)
	in.Opened(url)
	if !u.NoDemo {
		if err := demo(ctx, url, os.Stdout); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "onsale: the demo data could not be made:", err)
		}
	}
	fmt.Printf("\nOnsale is open at %s — Ctrl-C ends it.\n", url)
	return <-served
}

func addresses(servers []supervisor.Service) []string {
	out := make([]string, len(servers))
	for i, s := range servers {
		out[i] = s.HTTP
	}
	return out
}

// report prints each part that is up.
func report(out io.Writer) func(string, time.Duration) {
	return func(what string, took time.Duration) {
		fmt.Fprintf(out, "  %-26s up after %.1f s\n", what, took.Seconds())
	}
}
