package onsale

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/seeder"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
)

type bench struct {
	Sellout         sellout         `cmd:"" help:"Sell a whole event at once, two seats a booking, until buyers, journal, RocksDB and PostgreSQL agree. Then verify."`
	CPULow          cpuLow          `cmd:"" name:"cpu-low" help:"Book slowly, at 100 bookings a second, and measure processor time and latency of a booking. Then verify."`
	Latency         latency         `cmd:"" help:"Measure how long buyers wait, alone and at 25, 50, 75 and 90 % of the most bookings a second. Then verify."`
	FullLife        fullLife        `cmd:"" name:"full-life" help:"Pay a part of the bookings and let the others expire, and compare the rate with a sell-out. Then verify."`
	ExpiryStorm     expiryStorm     `cmd:"" name:"expiry-storm" help:"Start booking-service when the deadlines of all bookings have passed, and measure until their seats are available. Then verify."`
	Restore         restore         `cmd:"" help:"Start seat-reservation-service with an empty state directory, and measure until it has read the journal. Then verify."`
	HotSection      hotSection      `cmd:"" name:"hot-section" help:"Sell out with all demand on one section, and on ten. Then verify."`
	Overload        overload        `cmd:"" help:"Send ten times the bookings that can be sold, and measure how many still are. Then verify."`
	SSEFanout       sseFanout       `cmd:"" name:"sse-fanout" set:"buyers=2000" help:"Sell out while thousands read the live map, and while nobody does. Then verify."`
	Memory          memory          `cmd:"" help:"Measure the resident memory of each process at rest, in a sell-out, and with many events. Then verify."`
	MemoryPerReader memoryPerReader `cmd:"" name:"memory-per-reader" help:"Measure the resident memory that each reader of a live map adds. Then verify."`
	Growth          growth          `cmd:"" help:"Measure whether a booking becomes dearer with a larger event, with many bookings of history and with many events. Then verify."`
	Failover        failover        `cmd:"" help:"End one of two servers by SIGKILL and by SIGTERM, and measure how long its sections sell nothing. Then verify."`
	Idle            idle            `cmd:"" help:"Put many events on sale, wake them, and measure the processor time without buyers. Then verify."`
	Events          events          `cmd:"" help:"Put many small events on sale, let them fall asleep, and measure what they cost, how fast a server starts and how fast they wake. Then verify."`
	GroupCommit     groupCommit     `cmd:"" name:"accept-groupcommit" help:"Accept bookings in groups and one by one, in a PostgreSQL of its own."`
	JournalBatch    journalBatch    `cmd:"" name:"journal-batch" help:"Reserve seats one by one and many at once, with seat-reservation-service alone."`
	EventsHot       eventsHot       `cmd:"" name:"events-hot" help:"Sell a hundred events of 500 seats at once, and one event of as many seats. Then verify."`
	Archive         archiveBench    `cmd:"" help:"Sell an event, archive it, and check the file. Then verify."`
	Compare         compare         `cmd:"" help:"Run a benchmark in turns with another build and with this one."`
}

// figuresFlags say where the figures go.
type figuresFlags struct {
	JSON string `name:"json" env:"ONSALE_BENCH_JSON" type:"path" help:"File for the figures as JSON."`
	SVG  string `name:"svg" env:"ONSALE_BENCH_SVG" type:"path" help:"File for a chart of the figures, if the benchmark has one."`
}

// publish prints the figures and writes the files.
func (f figuresFlags) publish(figures terminal.Figures, violations int) error {
	figures.Text(os.Stdout)
	if f.JSON != "" {
		if err := terminal.WriteJSON(f.JSON, figures, violations); err != nil {
			return err
		}
	}
	if drawn, is := figures.(terminal.Charted); is && f.SVG != "" {
		if err := drawn.Chart().WriteSVG(f.SVG); err != nil {
			return err
		}
	}
	if violations > 0 {
		return fmt.Errorf("%d violations", violations)
	}
	return nil
}

// benchFlags are those of every benchmark of a whole installation.
type benchFlags struct {
	figuresFlags
	brokerFlags
	Build string `env:"ONSALE_BENCH_BUILD" type:"path" help:"Directory of another build's programs. Services, embedded broker and verify are that build's; the load is this one's."`
	Keep  string `name:"data-dir" env:"ONSALE_BENCH_DATA_DIR" type:"path" help:"Directory of the installation, kept afterwards. By default the benchmark uses a temporary directory."`
}

// benchParts are what the use cases of a benchmark need, for one installation.
type benchParts struct {
	seller *seeder.Seller
	tokens *sessiontoken.Tokens
	load   loadgen.Load
	probe  *loadgen.Probe
	cpu    loadgen.CPU
	memory loadgen.Memory
	in     *supervisor.Installation
	config supervisor.Config
}

// run is runWith for a payment window that no benchmark outlives.
func (b benchFlags) run(ctx context.Context, name string, servers int, measure func(context.Context, benchParts, terminal.Origin) (terminal.Figures, error)) error {
	return b.runWith(ctx, name, supervisor.Config{Servers: servers, Window: time.Hour}, measure)
}

// runWith measures on an installation made for it, prints the figures, verifies the
// installation, and fails if an invariant is violated.
func (b benchFlags) runWith(ctx context.Context, name string, c supervisor.Config, measure func(context.Context, benchParts, terminal.Origin) (terminal.Figures, error)) error {
	dir := b.Keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "onsale-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	c.DataDir, c.Bin = dir, b.Build
	if b.Build != "" {
		if err := checkBuild(b.Build); err != nil {
			return err
		}
	}
	in, err := start(ctx, &c, b.brokerFlags)
	if err != nil {
		return err
	}
	defer in.Stop()
	p, err := newBenchParts(ctx, c, in)
	if err != nil {
		return err
	}
	figures, err := measure(ctx, p, b.origin(name, c.Servers))
	if err != nil {
		return err
	}
	violations, err := b.verify(ctx, c, in)
	if err != nil {
		return err
	}
	return b.publish(figures, violations)
}

// verify returns the number of violations. An installation of another build is
// verified by that build: this one's would migrate its tables first.
func (b benchFlags) verify(ctx context.Context, c supervisor.Config, in *supervisor.Installation) (int, error) {
	if b.Build != "" {
		return 0, verifyWith(ctx, b.Build, c.DataDir)
	}
	report, err := verify{DataDir: c.DataDir, Rest: time.Minute}.running(ctx, c, in.Record())
	if err != nil {
		return 0, err
	}
	_ = terminal.PrintReport(os.Stdout, report) // its error says that there are violations
	return len(report.Violations), nil
}

func newBenchParts(ctx context.Context, c supervisor.Config, in *supervisor.Installation) (p benchParts, err error) {
	record := in.Record()
	first := func(service string) string { return "http://" + record.Of(service)[0].HTTP }
	if p.seller, err = seeder.BenchSeller(ctx, first(supervisor.Ticketing)); err != nil {
		return p, err
	}
	key, err := os.ReadFile(c.SessionKeyFile())
	if err != nil {
		return p, err
	}
	if p.tokens, err = sessiontoken.New(sessiontoken.Key(strings.TrimSpace(string(key)))); err != nil {
		return p, err
	}
	p.load = loadgen.Load{SeatsURL: first(supervisor.Seats), TicketingURL: first(supervisor.Ticketing)}
	for _, server := range record.Of(supervisor.Bookings) {
		p.load.BookingURLs = append(p.load.BookingURLs, "http://"+server.HTTP)
	}
	last := p.load.BookingURLs[len(p.load.BookingURLs)-1] // the first one is ended by the failover
	p.probe = loadgen.NewProbe(last)
	processes := func() map[string]int { return in.Record().Processes }
	p.cpu, p.memory = loadgen.CPU{Self: usecase.Load, Processes: processes}, loadgen.Memory{Processes: processes}
	p.in, p.config = in, c
	return p, nil
}

func (b benchFlags) origin(name string, servers int) terminal.Origin {
	o := b.brokerFlags.origin(name, servers)
	o.Commit = commitOf(b.Build)
	return o
}

// origin returns the origin of figures of this build.
func (b brokerFlags) origin(name string, servers int) terminal.Origin {
	broker := b.Broker
	switch {
	case b.KafkaBrokers != "":
		broker = string(supervisor.External)
	case broker == "":
		broker = string(supervisor.Embedded)
	}
	return terminal.Origin{Benchmark: name, Machine: loadgen.Machine(), Commit: commitOf(""), Broker: broker, Servers: servers}
}
