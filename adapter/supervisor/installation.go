package supervisor

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Config is what the user decides about an installation.
type Config struct {
	DataDir string
	Bin     string   // directory of Onsale's own binaries
	Servers int      // of each service; 0: one
	Run     []string // the services to run; nil: all three
	Broker  Broker   // empty: the kind it was made with, Embedded for a new one
	Jars    string   // directory of Apache Kafka's jars, for Apache
	// Brokers (host:port,…) are the brokers of External. KafkaArgs are flags for
	// every service that say how to connect to them.
	Brokers   string
	KafkaArgs []string
	Window    time.Duration                            // for payments
	Sleep     time.Duration                            // after which events fall asleep; 0: the services' default
	Archiver  bool                                     // whoever runs the installation makes the archives that sellers ask for
	Progress  func(process string, took time.Duration) // called when a process is ready
	// Restarted, if set, is called each time that a process ended by itself and was
	// started again. It may be called by several goroutines at once.
	Restarted func(Restart)
	// Via, if set, returns the address under which the services reach a store that we
	// run (PostgresProcess, RedisProcess), given its real address. Tests put a network
	// between them that can be cut.
	Via func(store, addr string) string
}

// Service has the addresses of a server.
type Service struct {
	HTTP string `json:"http"` // host:port
	Ops  string `json:"ops"`
}

// Names of the services and of their first servers. The second server has the
// suffix -2.
const (
	Bookings  = "booking-service"
	Seats     = "seat-reservation-service"
	Ticketing = "event-ticketing-service"
)

var services = []string{Bookings, Seats, Ticketing}

// Record describes a running installation. It is the content of run.json.
type Record struct {
	Proxy     string             `json:"door,omitempty"` // URL
	Services  map[string]Service `json:"services"`
	Processes map[string]int     `json:"processes"` // process ids; 0 between two runs
	Kafka     string             `json:"kafka"`
	Redis     string             `json:"redis"`
	StartedAt time.Time          `json:"started_at"`
}

// Installation is run by this process.
type Installation struct {
	config   Config
	postgres Postgres
	redis    Redis
	apache   ApacheKafka
	held     *os.File
	endNotes func() // stops updating last-run.json; nil before the services start

	writing sync.Mutex // held while run.json is replaced: services start at the same time

	mu        sync.Mutex
	record    Record
	processes map[string]*Process
	parts     []part // in the order they were started
}

// part is a program of the installation and a check that it is ready.
type part struct {
	program Program
	ready   func(context.Context) error
}

var _ port.Servers = (*Installation)(nil)

// ErrRunning reports that another process runs the installation.
var ErrRunning = errors.New("it is running already; stop that one first, or choose another directory with --data-dir")

// path returns a path below the data directory.
func (c Config) path(parts ...string) string {
	return filepath.Join(append([]string{c.DataDir}, parts...)...)
}

// SeatsDir returns the RocksDB directory of a server of seat-reservation-service,
// counted from 1.
func (c Config) SeatsDir(server int) string {
	if server == 1 {
		return c.path("seats")
	}
	return c.path("seats-" + strconv.Itoa(server))
}

// ServerName returns the name of a server of a service, counted from 1.
func ServerName(service string, server int) string {
	if server == 1 {
		return service
	}
	return service + "-" + strconv.Itoa(server)
}

// Of returns the servers of a service in order.
func (r Record) Of(service string) []Service {
	var all []Service
	for n := 1; ; n++ {
		s, ok := r.Services[ServerName(service, n)]
		if !ok {
			return all
		}
		all = append(all, s)
	}
}

func (c Config) via(store, addr string) string {
	if c.Via == nil {
		return addr
	}
	return c.Via(store, addr)
}

// databaseVia returns the URL of a database as the services reach it.
func (c Config) databaseVia(database string) (string, error) {
	u, err := url.Parse(database)
	if err != nil {
		return "", err
	}
	u.Host = c.via(PostgresProcess, u.Host)
	return u.String(), nil
}

// GatewayDir returns the directory of the sandbox gateway's book.
func (c Config) GatewayDir() string { return c.path("gateway") }

// DatabaseURL reads the URL of a service's database.
func (c Config) DatabaseURL(service string) (string, error) {
	url, err := os.ReadFile(c.urlFile(service))
	return string(url), err
}

func (c Config) urlFile(service string) string { return c.path("secrets", service+".url") }

// SessionKeyFile returns the file with the installation's session key.
func (c Config) SessionKeyFile() string { return c.path("secrets", "session-key") }

func (c Config) log(name string) string { return c.path("logs", name+".log") }

// CheckDir returns an error if the data directory, or what it would be made in, is
// not a directory.
func (c Config) CheckDir() error {
	for path := filepath.Clean(c.DataDir); ; path = filepath.Dir(path) {
		info, err := os.Stat(path)
		switch {
		case err == nil && info.IsDir():
			return nil
		case err == nil:
			return fmt.Errorf("%s is not a directory", path)
		case path == filepath.Dir(path) || !errors.Is(err, os.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
			return err
		}
	}
}

// Running reads the record of a running installation. It reports false if none
// runs on the directory.
func Running(c Config) (r Record, ok bool, err error) {
	if _, err := os.Stat(c.path("lock")); errors.Is(err, os.ErrNotExist) {
		return r, false, nil
	}
	held, free, err := lock(c.path("lock"))
	if err != nil {
		return r, false, err
	}
	if free {
		return r, false, held.Close()
	}
	content, err := os.ReadFile(c.path("run.json"))
	if err != nil {
		return r, false, fmt.Errorf("it is starting or stopping: %w", err)
	}
	return r, true, json.Unmarshal(content, &r)
}

// New locks the data directory and creates it if it is new. It returns ErrRunning
// if another process has the lock.
func New(c Config) (*Installation, error) {
	var err error
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		return nil, err
	}
	if err := errors.Join(os.MkdirAll(c.DataDir, 0o700), os.MkdirAll(c.path("logs"), 0o700)); err != nil {
		return nil, err
	}
	held, free, err := lock(c.path("lock"))
	if err != nil {
		return nil, err
	}
	if !free {
		return nil, fmt.Errorf("%s: %w", c.DataDir, ErrRunning)
	}
	i := &Installation{config: c, held: held, processes: map[string]*Process{},
		record: Record{Services: map[string]Service{}, Processes: map[string]int{}, StartedAt: time.Now().UTC().Truncate(time.Second)}}
	if err := i.prepare(); err != nil {
		_ = held.Close()
		return nil, err
	}
	return i, nil
}

func (i *Installation) prepare() error {
	bin, err := PostgresBin()
	if err != nil {
		return err
	}
	redis, err := RedisPath()
	if err != nil {
		return err
	}
	i.config.Servers = max(i.config.Servers, 1)
	if i.config.Broker, err = i.config.keepBroker(); err != nil {
		return err
	}
	c := i.config
	ports, err := FreePorts(4 + 6*c.Servers)
	if err != nil {
		return err
	}
	if err := keepSecret(c.SessionKeyFile(), func() string { return rand.Text() + rand.Text() }); err != nil {
		return err
	}
	i.postgres = Postgres{Bin: bin, Data: c.path("postgres"), Port: ports[0], PasswordFile: c.path("secrets", "postgres-password")}
	i.redis = Redis{Path: redis, Dir: c.path("redis"), Port: ports[1]}
	i.record.Redis, i.record.Kafka = i.redis.Addr(), local(ports[2])
	switch c.Broker {
	case External:
		i.record.Kafka = c.Brokers
	case Apache:
		java, err := JavaPath()
		if err != nil {
			return err
		}
		i.apache = ApacheKafka{Java: java, Jars: c.Jars, Dir: c.path("kafka"), Port: ports[2], Controller: ports[3]}
	}
	ports = ports[4:]
	for server := range c.Servers {
		for _, service := range services {
			if c.Run != nil && !slices.Contains(c.Run, service) {
				continue
			}
			i.record.Services[ServerName(service, server+1)] = Service{HTTP: local(ports[0]), Ops: local(ports[1])}
			ports = ports[2:]
		}
	}
	return nil
}

func local(port int) string { return "127.0.0.1:" + strconv.Itoa(port) }

// Record returns the record of the installation as it is now.
func (i *Installation) Record() Record {
	i.mu.Lock()
	defer i.mu.Unlock()
	r := i.record
	r.Processes = map[string]int{}
	for name, p := range i.processes {
		r.Processes[name] = p.PID()
	}
	return r
}

// Opened records the URL of the proxy.
func (i *Installation) Opened(url string) {
	i.mu.Lock()
	i.record.Proxy = url
	i.mu.Unlock()
	i.write()
}

// write replaces run.json. Of concurrent calls the last one writes the newest record.
func (i *Installation) write() {
	i.writing.Lock()
	defer i.writing.Unlock()
	encoded, err := json.MarshalIndent(i.Record(), "", "  ")
	if err == nil {
		_ = writeSecret(i.config.path("run.json"), string(encoded)+"\n")
	}
}

// add starts a new part and blocks until it is ready.
func (i *Installation) add(ctx context.Context, p Program, ready func(context.Context) error) error {
	i.mu.Lock()
	i.parts = append(i.parts, part{p, ready})
	i.mu.Unlock()
	return i.start(ctx, part{p, ready})
}

// Kill implements port.Servers.
func (i *Installation) Kill(server string) { i.end(server, syscall.SIGKILL) }

// Terminate implements port.Servers.
func (i *Installation) Terminate(server string) { i.end(server, syscall.SIGTERM) }

var _ port.SeatState = (*Installation)(nil)

// ClearSeats implements port.SeatState.
func (i *Installation) ClearSeats() error {
	i.mu.Lock()
	p := i.processes[Seats]
	i.mu.Unlock()
	p.Stop()
	return os.RemoveAll(i.config.SeatsDir(1))
}

// end sends a signal to a part. It is not started again until Restart.
func (i *Installation) end(name string, signal syscall.Signal) {
	i.mu.Lock()
	p := i.processes[name]
	i.mu.Unlock()
	p.End(signal)
}

// Restart implements port.Servers.
func (i *Installation) Restart(ctx context.Context, server string) error {
	i.mu.Lock()
	p := i.processes[server]
	at := slices.IndexFunc(i.parts, func(p part) bool { return p.program.Name == server })
	again := i.parts[at]
	i.mu.Unlock()
	p.Stop()
	return i.start(ctx, again)
}

func (i *Installation) start(ctx context.Context, p part) error {
	name, began := p.program.Name, time.Now()
	process, err := Start(p.program, i.write, i.config.Restarted)
	if err != nil {
		return err
	}
	i.mu.Lock()
	i.processes[name] = process
	i.mu.Unlock()
	i.write()
	ctx, patience, cancel := withPatience(ctx, cmp.Or(p.program.Patience, startLimit))
	defer cancel()
	if err := await(ctx, func(ctx context.Context) error {
		if runs, last := process.Runs(); runs > maxStarts {
			cancel()
			return fmt.Errorf("it exits each time it is started: %w", last)
		}
		err := p.ready(ctx)
		patience.hear(err)
		return err
	}); err != nil {
		return fmt.Errorf("%s does not become ready: %w\n%s", name, err, lastLines(p.program.Log, 2000))
	}
	if i.config.Progress != nil {
		i.config.Progress(name, time.Since(began))
	}
	return nil
}

const (
	startLimit = 90 * time.Second // without progress
	maxStarts  = 4
)

// StartStores starts PostgreSQL, Redis and the broker.
func (i *Installation) StartStores(ctx context.Context) error {
	if err := i.postgres.Init(); err != nil {
		return err
	}
	postgres, err := i.postgres.Program(i.config.log("postgres"))
	if err != nil {
		return err
	}
	if err := i.add(ctx, postgres, i.postgres.Await); err != nil {
		return err
	}
	for service, schema := range map[string]string{Bookings: "booking", Ticketing: "ticketing"} {
		url, err := i.postgres.Schema(ctx, "onsale", schema)
		if err != nil {
			return fmt.Errorf("schema %s: %w", schema, err)
		}
		if url, err = i.config.databaseVia(url); err != nil {
			return err
		}
		if err := writeSecret(i.config.urlFile(service), url); err != nil {
			return err
		}
	}
	redis, err := i.redis.Program(i.config.log("redis"))
	if err != nil {
		return err
	}
	if err := i.add(ctx, redis, i.redis.Await); err != nil {
		return err
	}
	return i.startBroker(ctx)
}

// StartServices starts all servers of the three services at the same time.
func (i *Installation) StartServices(ctx context.Context) error {
	i.endNotes = i.noteRun()
	results := make(chan error, len(i.record.Services))
	for server := 1; server <= i.config.Servers; server++ {
		own := map[string][]string{
			Bookings: {"--postgres-url-file", i.config.urlFile(Bookings), "--session-key-file", i.config.SessionKeyFile(),
				"--redis-addr", i.config.via(RedisProcess, i.record.Redis), "--gateway-dir", i.config.GatewayDir(), "--payment-window", i.config.Window.String()},
			Seats:     {"--data-dir", i.config.SeatsDir(server)},
			Ticketing: {"--postgres-url-file", i.config.urlFile(Ticketing), "--session-key-file", i.config.SessionKeyFile()},
		}
		for service, args := range own {
			name := ServerName(service, server)
			at, runs := i.record.Services[name]
			if !runs {
				continue
			}
			args = append(args, "--http-addr", at.HTTP, "--ops-addr", at.Ops, "--kafka-brokers", i.record.Kafka, "--server-id", "s"+strconv.Itoa(server))
			args = append(args, i.config.KafkaArgs...)
			if service == Ticketing && i.config.Archiver {
				args = append(args, "--archiver")
			}
			if i.config.Sleep > 0 {
				args = append(args, "--sleep-after", i.config.Sleep.String())
			}
			p := Program{Name: name, Path: filepath.Join(i.config.Bin, service), Args: args, Log: i.config.log(name), Stop: syscall.SIGTERM, Orphaned: syscall.SIGKILL}
			go func() { results <- i.add(ctx, p, ready(at.Ops)) }()
		}
	}
	var err error
	for range i.record.Services {
		err = errors.Join(err, <-results)
	}
	return err
}

func ready(ops string) func(context.Context) error {
	return func(ctx context.Context) error {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+ops+"/readyz", nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		if resp.StatusCode != http.StatusOK {
			reason, _ := io.ReadAll(io.LimitReader(resp.Body, 1000))
			return unready{strings.TrimSpace(string(reason))}
		}
		return nil
	}
}

// Stop stops the services at the same time, then the stores in the reverse order of
// their start, and unlocks the data directory.
func (i *Installation) Stop() {
	if i.endNotes != nil {
		i.endNotes()
	}
	i.mu.Lock()
	parts := i.parts
	i.mu.Unlock()
	var serving sync.WaitGroup
	for name := range i.record.Services {
		if p := i.processes[name]; p != nil {
			serving.Go(p.Stop)
		}
	}
	serving.Wait()
	for n := len(parts) - 1; n >= 0; n-- {
		if p := i.processes[parts[n].program.Name]; p != nil {
			p.Stop()
		}
	}
	_ = os.Remove(i.config.path("run.json"))
	_ = i.held.Close()
}
