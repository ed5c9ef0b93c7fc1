//go:build wireinject

package ticketing

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/onsale-tickets/onsale/adapter/argon"
	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ticketingapi"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/account"
	"github.com/onsale-tickets/onsale/usecase/relay"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
	"github.com/onsale-tickets/onsale/wire/process"
)

// New builds the service. The returned function releases its resources after Run
// has returned.
func New(ctx context.Context, s Settings, log *slog.Logger) (*Service, func(), error) {
	wire.Build(
		connect, process.NewPublisher, kafkabus.NewCatalogue, common, process.NewWakes, process.NewRest, kafkabus.NewEndedSessions,
		wire.Bind(new(port.Publisher), new(*kafkabus.Publisher)),
		wire.Bind(new(port.DeadLetters), new(*kafkabus.Publisher)),
		wire.Bind(new(port.EventTopics), new(*kafkabus.Cluster)),
		wire.Bind(new(port.Catalogue), new(*kafkabus.Catalogue)),
		wire.Bind(new(port.Wakes), new(*kafkabus.Wakes)),
		wire.Bind(new(port.Rests), new(*kafkabus.Wakes)),
		wire.Bind(new(port.InputEnds), new(*kafkabus.Cluster)),
		wire.Bind(new(port.Work), new(*store.Store)),
		wire.Bind(new(port.CataloguePublisher), new(*kafkabus.Catalogue)),
		wire.Bind(new(port.EndedSessions), new(*kafkabus.EndedSessions)),

		openStore, newTickets,
		wire.Bind(new(port.Users), new(*store.Store)),
		wire.Bind(new(port.NewEvents), new(*store.Store)),
		wire.Bind(new(port.EventChanges), new(*store.Store)),
		wire.Bind(new(port.Events), new(*store.Store)),
		wire.Bind(new(port.Sales), new(*store.Store)),
		wire.Bind(new(port.Tickets), new(store.Tickets)),
		wire.Bind(new(port.TicketInputs), new(*store.Store)),
		wire.Bind(new(port.Outbox), new(*store.Store)),
		wire.Bind(new(port.DeltaFolding), new(*store.Store)),

		sessionKey, sessiontoken.New, wire.Bind(new(port.Tokens), new(*sessiontoken.Tokens)),
		newPasswords, wire.Bind(new(port.Passwords), new(*argon.Passwords)),

		newRegister, newLogIn, account.NewLogOut, account.NewCurrentUser, account.NewChangePassword,
		usecase.NewOpenSale, usecase.NewMakeReady, newCreateEvent, newChangeEvent, usecase.NewOwnEvents, usecase.NewTakeUp, usecase.NewFoldDeltas, usecase.NewUpdates, relay.New,
		wire.Struct(new(ticketingapi.Uses), "*"), httpapi.NewSessions, proxies, ticketingapi.NewHandler,
		newConsumers, newService,
	)
	return nil, nil, nil
}
