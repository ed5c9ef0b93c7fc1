//go:build wireinject

package booking

import (
	"context"
	"log/slog"

	"github.com/google/wire"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/bookingapi"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/paysandbox"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/redisfeed"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/booking"
	"github.com/onsale-tickets/onsale/usecase/relay"
	"github.com/onsale-tickets/onsale/wire/process"
)

// New makes the service. Call the function that it returns after Run has ended:
// it releases everything.
func New(ctx context.Context, s Settings, log *slog.Logger) (*Service, func(), error) {
	wire.Build(
		connect, process.NewPublisher, kafkabus.NewCatalogue, common, process.NewWakes, process.NewRest, kafkabus.NewEndedSessions,
		wire.Bind(new(port.Publisher), new(*kafkabus.Publisher)),
		wire.Bind(new(port.DeadLetters), new(*kafkabus.Publisher)),
		wire.Bind(new(port.Catalogue), new(*kafkabus.Catalogue)),
		wire.Bind(new(port.Wakes), new(*kafkabus.Wakes)),
		wire.Bind(new(port.Rests), new(*kafkabus.Wakes)),
		wire.Bind(new(port.InputEnds), new(*kafkabus.Cluster)),
		wire.Bind(new(port.Work), new(*store.Store)),
		wire.Bind(new(port.EndedSessions), new(*kafkabus.EndedSessions)),

		openStore, newPayments,
		wire.Bind(new(port.Bookings), new(*store.Store)),
		wire.Bind(new(port.BookingInputs), new(*store.Store)),
		wire.Bind(new(port.UnansweredBookings), new(*store.Store)),
		wire.Bind(new(port.Cancellations), new(*store.Store)),
		wire.Bind(new(port.Outbox), new(*store.Store)),
		wire.Bind(new(port.Clock), new(*store.Store)),
		wire.Bind(new(port.Payments), new(store.Payments)),
		wire.Bind(new(port.DuePayments), new(store.Payments)),

		openBook, paysandbox.New, wire.Bind(new(port.Gateway), new(*paysandbox.Gateway)),

		feedhub.NewBookings, newRedis, feedhub.NewEverywhere, wire.Bind(new(feedhub.OtherServers), new(*redisfeed.Feed)),
		wire.Bind(new(port.BookingFeed), new(feedhub.Everywhere)),
		wire.Bind(new(port.BookingStreams), new(feedhub.Everywhere)),

		sessionKey, sessiontoken.New, wire.Bind(new(port.Tokens), new(*sessiontoken.Tokens)), wire.Bind(new(port.TicketSigner), new(*sessiontoken.Tokens)),

		newAccept, newPay, newAnswers, usecase.NewRequests, usecase.NewResend, newResend, usecase.NewCompletePayments, usecase.NewGetBooking, usecase.NewGetTickets, usecase.NewCancelBooking, usecase.NewExpireBookings, relay.New,
		wire.Struct(new(bookingapi.Uses), "*"), httpapi.NewSessions, bookingapi.NewHandler,
		newConsumers, newService,
	)
	return nil, nil, nil
}
