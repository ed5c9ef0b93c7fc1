// Command seat-reservation-service owns the live state of every seat and picks
// seats.
package main

import (
	"context"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"github.com/onsale-tickets/onsale/wire/reservation"
)

func main() {
	var settings reservation.Settings
	kong.Parse(&settings, kong.Name("seat-reservation-service"),
		kong.Description("Owns the live state of every seat of an on-sale and picks seats. A flag goes before its environment variable, that before the default."))
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	if err := run(settings, log); err != nil {
		log.Error("seat-reservation-service ends", "error", err)
		os.Exit(1)
	}
}

func run(settings reservation.Settings, log *slog.Logger) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	service, release, err := reservation.New(ctx, settings, log)
	if err != nil {
		return err
	}
	defer release()
	return service.Run(ctx)
}
