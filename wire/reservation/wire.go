//go:build wireinject

package reservation

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/adapter/httpapi/seatsapi"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/reservation"
	"github.com/onsale-tickets/onsale/wire/process"
)

// New makes the service. The function it answers lets everything go, after
// Run has ended.
func New(ctx context.Context, s Settings, log *slog.Logger) (*Service, func(), error) {
	wire.Build(
		connect, openSeats, newJournal, process.NewPublisher, kafkabus.NewCatalogue, common, process.NewWakes, process.NewRest,
		wire.Bind(new(port.Journal), new(*kafkabus.Journal)),
		wire.Bind(new(port.SeatStore), new(*rocksstore.Seats)),
		wire.Bind(new(port.Publisher), new(*kafkabus.Publisher)),
		wire.Bind(new(port.DeadLetters), new(*kafkabus.Publisher)),
		wire.Bind(new(port.Catalogue), new(*kafkabus.Catalogue)),
		wire.Bind(new(port.Wakes), new(*kafkabus.Wakes)),
		wire.Bind(new(port.Rests), new(*kafkabus.Wakes)),
		wire.Bind(new(port.InputEnds), new(*kafkabus.Cluster)),
		wire.Bind(new(port.Work), new(*usecase.Server)),
		feedhub.NewMaps, wire.Bind(new(port.SeatMaps), new(*feedhub.Maps)),
		newServer, newConsumers, seatsapi.NewHandler, newService,
	)
	return nil, nil, nil
}
