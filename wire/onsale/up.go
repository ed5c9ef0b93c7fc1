package onsale

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/proxy"
	"github.com/onsale-tickets/onsale/adapter/httpapi/web"
	"github.com/onsale-tickets/onsale/adapter/seeder"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/wire/pages"
	"github.com/onsale-tickets/onsale/wire/process"
)

type up struct {
	DataDir       string        `name:"data-dir" env:"ONSALE_DATA_DIR" default:".onsale" type:"path" help:"Directory of all data. A second start on it finds everything as it was."`
	Port          int           `env:"ONSALE_PORT" default:"8080" help:"Port of the pages and the API."`
	Host          string        `env:"ONSALE_HOST" default:"127.0.0.1" help:"Address of the pages and the API. They are served without TLS."`
	PaymentWindow time.Duration `name:"payment-window" env:"ONSALE_PAYMENT_WINDOW" default:"15m" help:"How long a buyer has to pay for held seats."`
	SleepAfter    time.Duration `name:"sleep-after" env:"ONSALE_SLEEP_AFTER" default:"10m" help:"How long an event that nobody needs stays ready for bookings at once. Then it costs nothing until somebody books; that booking takes a second longer."`
	Servers       int           `env:"ONSALE_SERVERS" default:"1" help:"Servers of each service behind the proxy: 1 or 2."`
	archiveDir
	brokerFlags
	NoDemo bool `name:"no-demo" env:"ONSALE_NO_DEMO" help:"Create no demo seller, buyer and event."`
}

// Validate checks the flags.
func (u up) Validate() error {
	if u.SleepAfter < process.LeastSleepAfter || u.SleepAfter > 24*time.Hour {
		return fmt.Errorf("--sleep-after %s: must be from %s to 24h", u.SleepAfter, process.LeastSleepAfter)
	}
	if u.PaymentWindow < time.Second || u.PaymentWindow > 24*time.Hour {
		return fmt.Errorf("--payment-window %s: must be from 1s to 24h", u.PaymentWindow)
	}
	if err := validServers(u.Servers); err != nil {
		return err
	}
	if u.Port < 1 || u.Port > 65535 {
		return fmt.Errorf("--port %d: must be from 1 to 65535", u.Port)
	}
	return u.brokerFlags.Validate()
}

// Run starts everything and blocks until Ctrl-C.
func (u up) Run(ctx context.Context) error {
	addr := net.JoinHostPort(u.Host, strconv.Itoa(u.Port))
	listener, err := net.Listen("tcp", addr) // first: a port in use is known before anything is started
	if err != nil {
		return fmt.Errorf("cannot listen on %s (%w); choose another port with --port, or PORT= with make run", addr, errors.Unwrap(err))
	}
	defer listener.Close()
	out := terminal.Up{Out: os.Stdout}
	c := supervisor.Config{DataDir: u.DataDir, Servers: u.Servers, Window: u.PaymentWindow, Sleep: u.SleepAfter, Archiver: true, Progress: out.Started,
		Restarted: func(r supervisor.Restart) { out.Restarted(r.Process, r.Log, r.Times, r.Ended, r.Failed) }}
	in, err := start(ctx, &c, u.brokerFlags)
	if ctx.Err() != nil && err != nil {
		return nil // Ctrl-C during the start
	}
	if err != nil {
		return err
	}
	defer func() {
		out.Stopping()
		in.Stop()
		out.Stopped(u.DataDir)
	}()
	archiver := newArchiver(c, in, u.in(u.DataDir))
	defer archiver.start(ctx)()
	return u.serve(ctx, in, listener, out)
}

// serve runs the proxy until ctx is done.
func (u up) serve(ctx context.Context, in *supervisor.Installation, listener net.Listener, out terminal.Up) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	record := in.Record()
	var accounts *web.Demo
	if !u.NoDemo {
		accounts = &web.Demo{Buyer: seeder.DemoBuyer, Seller: seeder.DemoSeller, Password: seeder.DemoPassword}
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
		event, err := seeder.Demo(ctx, url)
		switch {
		case err == nil:
			out.Demo(url, event, seeder.DemoBuyer, seeder.DemoSeller, seeder.DemoPassword)
		case ctx.Err() == nil:
			fmt.Fprintln(os.Stderr, "onsale: the demo data cannot be created:", err)
		}
	}
	out.Open(url)
	return <-served
}

func addresses(servers []supervisor.Service) []string {
	out := make([]string, len(servers))
	for i, s := range servers {
		out[i] = s.HTTP
	}
	return out
}
