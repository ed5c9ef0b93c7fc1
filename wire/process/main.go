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
func Main[S any](p Program, run func(context.Context, S, *slog.Logger) error) {
	var settings S
	kong.Parse(&settings, kong.Name(p.Name), kong.Vars{"http_addr": p.HTTPAddr, "ops_addr": p.OpsAddr, "kafka_brokers": DefaultBrokers},
		kong.Description(p.Description+" A flag goes before its environment variable, that before the default."))
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil)).With("service", p.Name)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, settings, log); err != nil {
		log.Error("the service ends", "error", err)
		os.Exit(1)
	}
}
