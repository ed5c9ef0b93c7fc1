package process

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"runtime"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/onsale-tickets/onsale/adapter/buildinfo"
	"github.com/onsale-tickets/onsale/adapter/tracing"
)

// Program describes the binary of a service.
type Program struct {
	Name, Description string
	HTTPAddr, OpsAddr string // defaults of --http-addr and --ops-addr
}

// Main reads the settings S, makes the service T and runs it until SIGINT or
// SIGTERM. If it ends for another reason, Main logs the reason and exits with 1.
func Main[S interface{ server() Server }, T interface{ Run(context.Context) error }](p Program, newService func(context.Context, S, *slog.Logger) (T, func(), error)) {
	defer runtime.KeepAlive(newBallast())
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
	if err := run(ctx, p, settings, log, newService); err != nil {
		log.Error("the service failed", "error", err)
		os.Exit(1)
	}
}

func run[S interface{ server() Server }, T interface{ Run(context.Context) error }](ctx context.Context, p Program, settings S, log *slog.Logger, newService func(context.Context, S, *slog.Logger) (T, func(), error)) error {
	stop, err := tracing.Start(ctx, p.Name, settings.server().ServerID)
	if err != nil {
		return err
	}
	defer stop()
	service, release, err := newService(ctx, settings, log)
	if err != nil {
		return err
	}
	defer release()
	return service.Run(ctx)
}
