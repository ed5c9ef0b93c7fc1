// Package booking assembles booking-service.
package booking

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"
	_ "time/tzdata" // tickets show local time; the zones of the machine may be missing or old

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ops"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/metrics"
	"github.com/onsale-tickets/onsale/adapter/paysandbox"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	"github.com/onsale-tickets/onsale/adapter/redisfeed"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/adapter/ticker"
	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/booking"
	"github.com/onsale-tickets/onsale/usecase/relay"
	"github.com/onsale-tickets/onsale/usecase/rest"
	"github.com/onsale-tickets/onsale/wire/process"
)

// Settings are the settings of the service.
type Settings struct {
	process.Server
	process.SessionKey
	process.Postgres
	RedisAddr     string        `name:"redis-addr" env:"ONSALE_REDIS_ADDR" default:"127.0.0.1:6379" help:"Address of Redis (host:port). Without Redis the service works, but changes reach the streams of other servers up to a second later."`
	PaymentWindow time.Duration `name:"payment-window" env:"ONSALE_PAYMENT_WINDOW" default:"15m" help:"How long seats are held for a payment."`
	GatewayDir    string        `name:"gateway-dir" env:"ONSALE_GATEWAY_DIR" default:".onsale/gateway" help:"Directory where the sandbox gateway keeps its book of charges."`
}

// Validate reports settings that cannot work.
func (s Settings) Validate() error {
	if s.PaymentWindow < time.Second || s.PaymentWindow > 24*time.Hour {
		return fmt.Errorf("--payment-window %s: must be from 1s to 24h", s.PaymentWindow)
	}
	return errors.Join(s.Server.Validate(), process.Address("--redis-addr", s.RedisAddr))
}

// Program describes the binary.
var Program = process.Program{Name: string(message.BookingService), HTTPAddr: "127.0.0.1:8081", OpsAddr: "127.0.0.1:9081",
	Description: "Takes bookings and payments."}

// Service is the service, ready to run.
type Service struct {
	settings  Settings
	store     *store.Store
	catalogue *kafkabus.Catalogue
	wakes     *kafkabus.Wakes
	rest      *rest.Rest
	ended     *kafkabus.EndedSessions
	consumers *kafkabus.Consumers
	redis     *redisfeed.Feed
	requests  *usecase.Requests
	resend    *usecase.ResendAll
	complete  *usecase.CompletePayments
	expire    *usecase.ExpireBookings
	relay     *relay.Relay
	public    http.Handler
	log       *slog.Logger
}

func newService(s Settings, st *store.Store, c *kafkabus.Catalogue, w *kafkabus.Wakes, sleep *rest.Rest, e *kafkabus.EndedSessions, consumers *kafkabus.Consumers, redis *redisfeed.Feed,
	requests *usecase.Requests, resend *usecase.ResendAll, complete *usecase.CompletePayments, expire *usecase.ExpireBookings, r *relay.Relay, public http.Handler, log *slog.Logger) *Service {
	return &Service{s, st, c, w, sleep, e, consumers, redis, requests, resend, complete, expire, r, public, log}
}

// Run runs all parts until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	if err := metrics.Register(s.log, metrics.Bookings(s.store.OpenBookings), metrics.OutboxAge(s.store.OutboxAge)); err != nil {
		return err
	}
	ready := process.Readiness{
		process.Read("the catalogue", s.catalogue.Ready), process.Read("the log of wake-ups", s.wakes.Ready), process.Read("the list of ended sessions", s.ended.Ready),
		s.consumers.Ready, process.Database(s.store.Ping),
	}
	return process.Run(ctx, []process.Part{
		s.consumers.Run,
		process.Serve(s.settings.HTTPAddr, s.public),
		process.ServeOps(s.settings.OpsAddr, ops.Handler(ready.Err)),
		s.requests.Run,
		process.Repeat(ticker.Task{Name: "unanswered bookings", Every: time.Second, Do: s.resend.Handle}, s.log),
		process.Repeat(ticker.Task{Name: "expiry", Every: time.Second, Do: s.expire.Handle}, s.log),
	}, []process.Part{
		s.catalogue.Run, s.wakes.Run, process.RepeatRest(s.settings.Server, s.rest, s.log), s.ended.Run, s.redis.Run,
		process.Repeat(ticker.Task{Name: "relay", Every: time.Second, Bell: s.store.Waiting(), Do: s.relay.Handle}, s.log),
		process.Repeat(ticker.Task{Name: "payments", Every: time.Second, Bell: s.store.Due(), Do: s.complete.Handle}, s.log),
	})
}

// common returns the settings that all services have.
func common(s Settings) process.Server { return s.Server }

func connect(ctx context.Context, s Settings, log *slog.Logger) (*kafkabus.Cluster, func(), error) {
	return process.Connect(ctx, s.Server, message.BookingService, log)
}

func openStore(ctx context.Context, s Settings) (*store.Store, func(), error) {
	url, err := s.URL()
	if err != nil {
		return nil, nil, err
	}
	st, err := store.Open(ctx, url)
	if err != nil {
		return nil, nil, err
	}
	return st, st.Close, nil
}

func newPayments(s *store.Store) store.Payments { return store.Payments{Store: s} }

func openBook(s Settings) (*paysandbox.Book, func(), error) {
	b, err := paysandbox.OpenBook(s.GatewayDir)
	if err != nil {
		return nil, nil, fmt.Errorf("--gateway-dir %s: %w", s.GatewayDir, err)
	}
	return b, b.Close, nil
}

func newRedis(s Settings, hub *feedhub.Bookings, log *slog.Logger) *redisfeed.Feed {
	return redisfeed.New(s.RedisAddr, hub, log)
}

func newResend(r *usecase.Resend, st *store.Store, c *kafkabus.Catalogue, a *usecase.Answers) *usecase.ResendAll {
	return usecase.NewResendAll(r, st, c.Ready, a.CaughtUp)
}

func newAccept(c port.Catalogue, b port.Bookings, r *usecase.Requests, w port.Wakes) *usecase.AcceptBooking {
	return usecase.NewAcceptBooking(c, b, r, w, func() domain.BookingID { return domain.BookingID(newUUID()) }, time.Now)
}

func newPay(p port.Payments, g port.Gateway, f port.BookingFeed) *usecase.PayBooking {
	return usecase.NewPayBooking(p, g, f, func() rules.PaymentID { return rules.PaymentID(newUUID()) })
}

// newUUID returns a UUID of version 7: they sort by time.
func newUUID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

func newAnswers(s Settings, b port.BookingInputs, l port.DeadLetters, f port.BookingFeed) *usecase.Answers {
	return usecase.NewAnswers(b, l, f, s.PaymentWindow)
}

func newConsumers(c *kafkabus.Cluster, a *usecase.Answers, w port.Wakes) *kafkabus.Consumers {
	return kafkabus.NewConsumers(c, a, w)
}

func sessionKey(s Settings) (sessiontoken.Key, error) { return s.SessionKey.Load() }
