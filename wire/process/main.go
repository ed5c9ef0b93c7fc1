package process

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/onsale-tickets/onsale/adapter/buildinfo"
)

// Program describes the binary of a service.
type Program struct {
	Name, Description string
	HTTPAddr, OpsAddr string // defaults of --http-addr and --ops-addr
}

// Main reads the settings and runs the service until SIGINT or SIGTERM. If it ends
// for another reason, Main logs the reason and exits with 1.
func Main[S interface{ server() Server }](p Program, run func(context.Context, S, *slog.Logger) error) {
	var settings S
	kong.Parse(&settings, kong.Name(p.Name), kong.Vars{"http_addr": p.HTTPAddr, "ops_addr": p.OpsAddr, "kafka_brokers": DefaultBrokers,
		"version": p.Name + " " + buildinfo.Read().String()},
		kong.Description(p.Description+" A flag takes precedence over its environment variable, and that over the default."))
	server := settings.server()
	var level slog.Level
	_ = level.UnmarshalText([]byte(server.LogLevel)) // kong has checked it against the enum
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})).With("service", p.Name, "server", server.ServerID)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := traceAndRun(ctx, p, server, func() error { return run(ctx, settings, log) }); err != nil {
		log.Error("the service failed", "error", err)
		os.Exit(1)
	}
}

func traceAndRun(ctx context.Context, p Program, s Server, run func() error) error {
	stop, err := startTracing(ctx, p.Name, s.ServerID)
	if err != nil {
		return err
	}
	defer stop()
	return run()
}
