package process

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// Program is a binary.
type Program struct {
	Name, Description string
	HTTPAddr, OpsAddr string // defaults
}

// Main reads settings, runs until SIGINT or SIGTERM, and exits 1 with the reason
// if it ends otherwise.
func Main[S interface{ server() Server }](p Program, run func(context.Context, S, *slog.Logger) error) {
	var settings S
	kong.Parse(&settings, kong.Name(p.Name), kong.Vars{"http_addr": p.HTTPAddr, "ops_addr": p.OpsAddr, "kafka_brokers": DefaultBrokers},
		kong.Description(p.Description+" A flag goes before its environment variable, that before the default."))
	server := settings.server()
	var level slog.Level
	_ = level.UnmarshalText([]byte(server.LogLevel)) // kong knows which there are
	log := slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: level})).With("service", p.Name, "server", server.ServerID)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := traceAndRun(ctx, p, server, func() error { return run(ctx, settings, log) }); err != nil {
		log.Error("the service ends", "error", err)
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
