// Package reservation builds seat-reservation-service.
package reservation

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	mathrand "math/rand/v2"
	"net/http"
	"path/filepath"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/adapter/feedhub"
	"github.com/onsale-tickets/onsale/adapter/httpapi/ops"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/metrics"
	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/reservation"
	"github.com/onsale-tickets/onsale/usecase/rest"
	"github.com/onsale-tickets/onsale/wire/process"
)

// Settings are the settings of the service.
type Settings struct {
	process.Server
	DataDir string `name:"data-dir" env:"ONSALE_DATA_DIR" default:".onsale/seats" help:"Directory of RocksDB. It may be lost: the journal is the truth."`
}

// Program describes the binary.
var Program = process.Program{Name: string(message.SeatReservation), HTTPAddr: "127.0.0.1:8082", OpsAddr: "127.0.0.1:9082",
	Description: "Owns the live state of every seat of an on-sale and picks seats."}

// Service is seat-reservation-service, ready to run.
type Service struct {
	settings  Settings
	store     *rocksstore.Seats
	server    *usecase.Server
	catalogue *kafkabus.Catalogue
	wakes     *kafkabus.Wakes
	rest      *rest.Rest
	consumers *kafkabus.Consumers
	journal   *kafkabus.Journal
	public    http.Handler
	log       *slog.Logger
}

func newService(s Settings, store *rocksstore.Seats, server *usecase.Server, c *kafkabus.Catalogue, w *kafkabus.Wakes, sleep *rest.Rest, consumers *kafkabus.Consumers, journal *kafkabus.Journal, public http.Handler, log *slog.Logger) *Service {
	return &Service{settings: s, store: store, server: server, catalogue: c, wakes: w, rest: sleep, consumers: consumers, journal: journal, public: public, log: log}
}

// Run serves until ctx is done. Then consumers leave their groups first; the seat
// owner and the catalogue end after them.
func (s *Service) Run(ctx context.Context) error {
	if err := metrics.Register(s.log, metrics.Counts("onsale_seats", "Seats in each status, by event, as the journal has them. Events that sleep are left out.", s.server.Totals),
		metrics.Owned(s.server.Owned), metrics.NotServed(s.server.NotServed)); err != nil {
		s.log.Warn("metrics of seats are not registered", "error", err) // a second service in one process, in tests
	}
	ready := process.Readiness{process.Read("the catalogue", s.catalogue.Ready), process.Read("the log of wake-ups", s.wakes.Ready), s.consumers.Ready, s.journal.Ready}
	return process.Run(ctx, []process.Part{
		s.consumers.Run,
		process.Serve(s.settings.HTTPAddr, s.public),
		process.ServeOps(s.settings.OpsAddr, ops.WithCheckpoint(ops.Handler(ready.Err, s.notServed), s.checkpoint)),
	}, []process.Part{s.catalogue.Run, s.wakes.Run, process.RepeatRest(s.settings.Server, s.rest, s.log), s.server.Run, s.store.Watch})
}

// notServed names the events that this server cannot serve. They are no reason not to
// be ready: the other events are served.
func (s *Service) notServed() (lines []string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	problems, err := s.server.NotServed(ctx)
	if err != nil {
		return nil
	}
	for _, id := range slices.Sorted(maps.Keys(problems)) {
		lines = append(lines, fmt.Sprintf("event %d is not served: %v", id, problems[id]))
	}
	return lines
}

// checkpoint makes a copy of RocksDB beside its directory.
func (s *Service) checkpoint() (string, error) {
	dir := filepath.Clean(s.settings.DataDir) + "-checkpoint-" + rand.Text()
	return dir, s.store.Checkpoint(dir)
}

// common returns the settings that all services have.
func common(s Settings) process.Server { return s.Server }

func connect(ctx context.Context, s Settings, log *slog.Logger) (*kafkabus.Cluster, func(), error) {
	return process.Connect(ctx, s.Server, message.SeatReservation, log)
}

func openSeats(s Settings, log *slog.Logger) (*rocksstore.Seats, func(), error) {
	store, err := rocksstore.Open(s.DataDir, log)
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

func newServer(s Settings, j port.Journal, store port.SeatStore, p port.Publisher, d port.DeadLetters, c port.Catalogue, w port.Wakes, hub *feedhub.Maps, log *slog.Logger) *usecase.Server {
	server := usecase.NewServer(usecase.Deps{Journal: j, Seats: store, Publisher: p, DeadLetters: d, Catalogue: c, Wakes: w, Feed: hub, Meter: metrics.SeatMeter{},
		ServerID: s.ServerID, Now: time.Now, Nonce: mathrand.Uint64, Log: log})
	hub.SetSnapshots(server)
	return server
}

func newConsumers(c *kafkabus.Cluster, server *usecase.Server, w port.Wakes) *kafkabus.Consumers {
	return kafkabus.NewConsumers(c, server, w)
}
