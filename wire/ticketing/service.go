// Package ticketing binds the parts of event-ticketing-service.
package ticketing

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	"github.com/onsale-tickets/onsale/adapter/argon"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ops"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ticketingapi"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/metrics"
	store "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/adapter/ticker"
	"github.com/onsale-tickets/onsale/adapter/timezones"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/domain/ticketing"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/account"
	"github.com/onsale-tickets/onsale/usecase/relay"
	"github.com/onsale-tickets/onsale/usecase/rest"
	usecase "github.com/onsale-tickets/onsale/usecase/ticketing"
	"github.com/onsale-tickets/onsale/wire/pages"
	"github.com/onsale-tickets/onsale/wire/process"
)

// Settings are the settings of the service.
type Settings struct {
	process.Server
	process.SessionKey
	process.Postgres
	Archiver       bool           `env:"ONSALE_ARCHIVER" help:"Somebody makes the archives that sellers ask for, as onsale up does. Without it their requests are refused."`
	TrustedProxies []netip.Prefix `name:"trusted-proxies" env:"ONSALE_TRUSTED_PROXIES" default:"127.0.0.0/8,::1/128" help:"Networks of trusted proxies, separated by commas. Their X-Forwarded-For header is used to count failed log-ins by address."`
}

// Validate refuses settings that cannot be meant.
func (s Settings) Validate() error {
	for _, p := range s.TrustedProxies {
		if p.Bits() == 0 {
			return fmt.Errorf("--trusted-proxies %s: this would trust everybody", p)
		}
	}
	return s.Server.Validate()
}

// Program describes the binary.
var Program = process.Program{Name: string(message.EventTicketing), HTTPAddr: "127.0.0.1:8083", OpsAddr: "127.0.0.1:9083",
	Description: "Owns accounts, events, prices and the tickets of record."}

// Service is the service, ready to run.
type Service struct {
	settings  Settings
	store     *store.Store
	catalogue *kafkabus.Catalogue
	wakes     *kafkabus.Wakes
	rest      *rest.Rest
	ended     *kafkabus.EndedSessions
	consumers *kafkabus.Consumers
	relay     *relay.Relay
	takeUp    *usecase.TakeUp
	makeReady *usecase.MakeReady
	fold      *usecase.FoldDeltas
	public    http.Handler
	log       *slog.Logger
}

func newService(s Settings, st *store.Store, c *kafkabus.Catalogue, w *kafkabus.Wakes, sleep *rest.Rest, e *kafkabus.EndedSessions, consumers *kafkabus.Consumers,
	r *relay.Relay, t *usecase.TakeUp, m *usecase.MakeReady, f *usecase.FoldDeltas, api http.Handler, log *slog.Logger) *Service {
	return &Service{s, st, c, w, sleep, e, consumers, r, t, m, f, pages.Beside(api), log} // so that a proxy needs no copy of the pages
}

// Run runs the service until ctx is done.
func (s *Service) Run(ctx context.Context) error {
	if err := metrics.Register(s.log, metrics.Counts("onsale_tickets", "Tickets of record in each status, by event. Events that sleep are left out.", s.totals),
		metrics.OutboxAge(s.store.OutboxAge), metrics.WithoutRoom(s.makeReady.WithoutRoom)); err != nil {
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
		process.Repeat(ticker.Task{Name: "publish events", Every: 5 * time.Second, Do: s.takeUp.Handle}, s.log),
		s.makeReady.Run,
		process.Repeat(ticker.Task{Name: "make events ready", Every: time.Second, Bell: s.makeReady.Woken(), Do: s.makeReady.Handle}, s.log),
		process.Repeat(ticker.Task{Name: "fold counts", Every: 5 * time.Second, Do: s.fold.Handle}, s.log),
	}, []process.Part{
		s.catalogue.Run, s.wakes.Run, process.RepeatRest(s.settings.Server, s.rest, s.log), s.ended.Run,
		process.Repeat(ticker.Task{Name: "relay", Every: time.Second, Bell: s.store.Waiting(), Do: s.relay.Handle}, s.log),
	})
}

// totals counts the tickets of the events that are awake: a scrape must not cost more
// for each event that is on the books.
func (s *Service) totals(ctx context.Context) (map[domain.EventID]ticketing.Counts, error) {
	return s.store.Totals(ctx, s.consumers.Events())
}

// common returns the settings that all services have.
func common(s Settings) process.Server { return s.Server }

func connect(ctx context.Context, s Settings, log *slog.Logger) (*kafkabus.Cluster, func(), error) {
	return process.Connect(ctx, s.Server, message.EventTicketing, log)
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

func newTickets(s *store.Store) store.Tickets { return store.Tickets{Store: s} }

// gatherFor is how long ticket updates gather. Buyers wait for booking-service, and the
// live map for seat-reservation-service: the tickets of record may be a moment behind.
const gatherFor = 100 * time.Millisecond

func newConsumers(c *kafkabus.Cluster, u *usecase.Updates, w port.Wakes) *kafkabus.Consumers {
	return kafkabus.NewConsumers(c, u, w).Patient(gatherFor)
}

func newCreateEvent(n port.NewEvents, e port.Events, open *usecase.OpenSale) *usecase.CreateEvent {
	return usecase.NewCreateEvent(n, e, open, timezones.Known, time.Now)
}

func newChangeEvent(s Settings, c port.EventChanges, e port.Events, open *usecase.OpenSale) *usecase.ChangeEvent {
	return usecase.NewChangeEvent(c, e, open, timezones.Known, time.Now, s.Archiver)
}

func newRegister(u port.Users, p port.Passwords) *account.Register {
	return account.NewRegister(u, p, time.Now)
}

func newLogIn(u port.Users, p port.Passwords, t port.Tokens) *account.LogIn {
	return account.NewLogIn(u, p, t, account.NewAttempts(), time.Now)
}

func newPasswords() *argon.Passwords { return argon.New() }

func proxies(s Settings) ticketingapi.Proxies { return s.TrustedProxies }

func sessionKey(s Settings) (sessiontoken.Key, error) { return s.SessionKey.Load() }
