// Package reservation puts seat-reservation-service together.
package reservation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ops"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/reservation"
)

// Settings are what a person sets.
type Settings struct {
	HTTPAddr     string `name:"http-addr" env:"ONSALE_HTTP_ADDR" default:"127.0.0.1:8082" help:"Where buyers' requests are answered (host:port)."`
	OpsAddr      string `name:"ops-addr" env:"ONSALE_OPS_ADDR" default:"127.0.0.1:9082" help:"Where /livez and /readyz are answered (host:port)."`
	KafkaBrokers string `name:"kafka-brokers" env:"ONSALE_KAFKA_BROKERS" default:"127.0.0.1:9092" help:"Kafka brokers (host:port,…)."`
	ServerID     string `name:"server-id" env:"ONSALE_SERVER_ID" default:"s1" help:"Name of this server, unique among those of the service, the same after a restart."`
	DataDir      string `name:"data-dir" env:"ONSALE_DATA_DIR" default:".onsale/seats" help:"Directory of RocksDB. It may be lost: the journal is the truth."`
}

// Service is the service, ready to run.
type Service struct {
	settings  Settings
	server    *usecase.Server
	catalogue *kafkabus.Catalogue
	consumers *kafkabus.Consumers
	public    http.Handler
}

func newService(s Settings, server *usecase.Server, c *kafkabus.Catalogue, consumers *kafkabus.Consumers, public http.Handler) *Service {
	return &Service{settings: s, server: server, catalogue: c, consumers: consumers, public: public}
}

// Run works until ctx is done: consumers leave their groups first, the loop
// and the catalogue end after them.
func (s *Service) Run(ctx context.Context) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	work, inner := errgroup.WithContext(inner)
	work.Go(func() error { return s.catalogue.Run(inner) })
	work.Go(func() error { return s.server.Run(inner) })
	outer, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(inner, stop) // what fails inside ends the rest
	front, outer := errgroup.WithContext(outer)
	front.Go(func() error { return s.consumers.Run(outer) })
	front.Go(func() error { return httpapi.Serve(outer, s.settings.HTTPAddr, s.public) })
	front.Go(func() error { return httpapi.Serve(outer, s.settings.OpsAddr, ops.Handler(s.ready)) })
	err := front.Wait()
	cancel()
	return errors.Join(err, work.Wait())
}

func (s *Service) ready() error {
	if !s.catalogue.Ready() {
		return errors.New("the catalogue is not read")
	}
	return nil
}

func connect(ctx context.Context, s Settings, log *slog.Logger) (*kafkabus.Cluster, func(), error) {
	c, err := kafkabus.Connect(ctx, kafkabus.Config{Brokers: s.KafkaBrokers, ServerID: s.ServerID, Service: message.SeatReservation, Log: log})
	if err != nil {
		return nil, nil, err
	}
	return c, c.Close, nil
}

func openSeats(s Settings) (*rocksstore.Seats, func(), error) {
	store, err := rocksstore.Open(s.DataDir)
	if err != nil {
		return nil, nil, fmt.Errorf("--data-dir %s: %w", s.DataDir, err)
	}
	return store, store.Close, nil
}

func newJournal(c *kafkabus.Cluster) (*kafkabus.Journal, func(), error) {
	j, err := kafkabus.NewJournal(c)
	if err != nil {
		return nil, nil, err
	}
	return j, j.Close, nil
}

func newPublisher(c *kafkabus.Cluster) (*kafkabus.Publisher, func(), error) {
	p, err := kafkabus.NewPublisher(c)
	if err != nil {
		return nil, nil, err
	}
	return p, p.Close, nil
}

func newServer(s Settings, j port.Journal, store port.SeatStore, p port.Publisher, d port.DeadLetters, c port.Catalogue, log *slog.Logger) *usecase.Server {
	return usecase.NewServer(usecase.Deps{Journal: j, Seats: store, Publisher: p, DeadLetters: d, Catalogue: c,
		ServerID: s.ServerID, Now: time.Now, Nonce: rand.Uint64, Log: log})
}

func newConsumers(c *kafkabus.Cluster, server *usecase.Server, catalogue *kafkabus.Catalogue) *kafkabus.Consumers {
	return kafkabus.NewConsumers(c, server, catalogue)
}
