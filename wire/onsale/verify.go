package onsale

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/paysandbox"
	bookings "github.com/onsale-tickets/onsale/adapter/pgstore/booking"
	tickets "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/rocksstore"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

type verify struct {
	DataDir string `name:"data-dir" env:"ONSALE_DATA_DIR" default:".onsale" type:"path" help:"The installation's directory."`
	jarsFlag
	DeadLetters int           `name:"dead-letters" env:"ONSALE_DEAD_LETTERS" default:"0" help:"How many dead letters are known. Any other number is a violation."`
	Rest        time.Duration `env:"ONSALE_REST" default:"60s" help:"How long a running installation may take to finish its work. What is still in progress then is listed and not judged."`
	Archive     string        `type:"existingfile" help:"Check this archive of an event instead, without any service."`
}

// Help is printed by --help.
func (verify) Help() string {
	return `It checks a running installation, or a stopped one as of when it stopped.

It reads the seat journal, RocksDB, PostgreSQL, all messages and the payment gateway's book, compares them record by record, and makes each decision about seats again. It prints a line for each invariant and names every violation. It changes no record. It starts the stores of a stopped installation and stops them again. Tables that an earlier version left are migrated first, as a start of this version would do.

It lists what it did not judge: work that was in progress when the installation stopped or when the time of --rest was over, and what an earlier version did not record.

With --archive it checks the file that onsale archive has made: the checksum over all bytes, the number of records, and the invariants that journal, bookings and tickets show without a service. It needs no installation.`
}

// Run checks an installation.
func (v verify) Run(ctx context.Context) error {
	if v.Archive != "" {
		return verifyArchive(ctx, v.Archive)
	}
	c := supervisor.Config{DataDir: v.DataDir}
	if err := c.CheckDir(); err != nil {
		return err
	}
	record, running, err := supervisor.Running(c)
	if err != nil {
		return err
	}
	var report audit.Report
	if running {
		report, err = v.running(ctx, c, record)
	} else {
		report, err = v.stopped(ctx, c)
	}
	if err != nil {
		return err
	}
	return terminal.PrintReport(os.Stdout, report)
}

// running checks an installation that runs, once it has finished its work.
func (v verify) running(ctx context.Context, c supervisor.Config, record supervisor.Record) (audit.Report, error) {
	return audit.UntilRest(ctx, v.Rest, terminal.Waiting(os.Stderr), func(ctx context.Context) (audit.Report, error) {
		var dirs []string
		defer func() {
			for _, dir := range dirs {
				_ = os.RemoveAll(dir)
			}
		}()
		for _, s := range record.Of(supervisor.Seats) {
			dir, err := loadgen.Checkpoint(ctx, "http://"+s.Ops)
			if err != nil {
				return audit.Report{}, err
			}
			dirs = append(dirs, dir)
		}
		parts, err := v.open(ctx, c, record, dirs)
		if err != nil {
			return audit.Report{}, err
		}
		defer parts.close()
		if err := parts.watch(ctx, record); err != nil {
			return audit.Report{}, err
		}
		return terminal.Audit(ctx, parts.sources)
	})
}

// stopped starts the stores of an installation for as long as it reads them. It
// creates no installation if there is none.
func (v verify) stopped(ctx context.Context, c supervisor.Config) (audit.Report, error) {
	made, err := c.Made()
	if err != nil {
		return audit.Report{}, err
	}
	if !made {
		return audit.Report{}, fmt.Errorf("there is no installation at %s", v.DataDir)
	}
	last, err := c.LastRun()
	if err != nil {
		return audit.Report{}, err
	}
	if c.Bin, err = binaries(); err != nil {
		return audit.Report{}, err
	}
	if err := (brokerFlags{jarsFlag: v.jarsFlag}).into(ctx, &c); err != nil {
		return audit.Report{}, err
	}
	in, err := supervisor.New(c)
	if err != nil {
		return audit.Report{}, err
	}
	defer in.Stop()
	if err := in.StartStores(ctx); err != nil {
		return audit.Report{}, err
	}
	var dirs []string
	for server := 1; server <= max(last.Servers, 1); server++ { // further directories are of earlier runs
		if _, err := os.Stat(c.SeatsDir(server)); err == nil {
			dirs = append(dirs, c.SeatsDir(server))
		}
	}
	parts, err := v.open(ctx, c, in.Record(), dirs)
	if err != nil {
		return audit.Report{}, err
	}
	defer parts.close()
	parts.sources.Started, parts.sources.Now = last.Started, func() time.Time { return last.Until }
	return terminal.Audit(ctx, parts.sources)
}

// parts are the open sources of an audit.
type parts struct {
	sources audit.Sources
	closers []func()
}

func (p *parts) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

// watch adds what only a running installation has.
func (p *parts) watch(ctx context.Context, record supervisor.Record) error {
	for _, s := range record.Of(supervisor.Seats) {
		p.sources.Maps = append(p.sources.Maps, func(ctx context.Context, id domain.EventID) (map[domain.SeatID]string, error) {
			return loadgen.SeatMap(ctx, "http://"+s.HTTP, id)
		})
	}
	for name, at := range record.Services {
		process, err := loadgen.ReadProcess(ctx, name, "http://"+at.Ops)
		if err != nil {
			return err
		}
		p.sources.Processes = append(p.sources.Processes, process)
	}
	return nil
}

// open opens the stores. seatsDirs are the RocksDB directories to read.
func (v verify) open(ctx context.Context, c supervisor.Config, record supervisor.Record, seatsDirs []string) (p *parts, err error) {
	p = &parts{}
	opened := p // p is nil when an error is returned
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	s, err := p.openStores(ctx, c, record, "verify")
	if err != nil {
		return nil, err
	}
	var stores []port.StoredSeats
	for _, dir := range seatsDirs {
		seats, err := rocksstore.OpenReadOnly(dir)
		if err != nil {
			return nil, err
		}
		p.closers = append(p.closers, seats.Close)
		stores = append(stores, seats)
	}
	p.sources = audit.Sources{Catalogue: s.catalogue, Logs: kafkabus.NewLogs(s.cluster), Seats: stores, Bookings: s.bookings, Tickets: s.tickets,
		BookingInputs: s.bookings, TicketInputs: s.tickets, Charges: paysandbox.Charges(c.GatewayDir()), DeadLetters: v.DeadLetters, Now: time.Now}
	return p, nil
}

// stores are the databases and the brokers of an installation.
type stores struct {
	bookings  *bookings.Store
	tickets   *tickets.Store
	cluster   *kafkabus.Cluster
	catalogue *kafkabus.Catalogue
}

// openStores opens the databases and reads the catalogue. What it has opened is closed
// with the parts, also after an error. name is what the brokers call this process.
func (p *parts) openStores(ctx context.Context, c supervisor.Config, record supervisor.Record, name string) (s stores, err error) {
	bookingURL, err := c.DatabaseURL(supervisor.Bookings)
	if err != nil {
		return s, err
	}
	ticketURL, err := c.DatabaseURL(supervisor.Ticketing)
	if err != nil {
		return s, err
	}
	if s.bookings, err = bookings.Open(ctx, bookingURL); err != nil {
		return s, fmt.Errorf("bookings: %w", err)
	}
	p.closers = append(p.closers, s.bookings.Close)
	if s.tickets, err = tickets.Open(ctx, ticketURL); err != nil {
		return s, fmt.Errorf("tickets: %w", err)
	}
	p.closers = append(p.closers, s.tickets.Close)
	kept, err := keptKafka(c.DataDir)
	if err != nil {
		return s, err
	}
	config, err := kept.Config()
	if err != nil {
		return s, err
	}
	config.Brokers, config.ServerID, config.Service, config.Log = record.Kafka, name, message.EventTicketing, slog.New(slog.DiscardHandler)
	if s.cluster, err = kafkabus.Connect(ctx, config); err != nil {
		return s, err
	}
	p.closers = append(p.closers, s.cluster.Close)
	if s.catalogue, err = kafkabus.NewCatalogue(s.cluster); err != nil {
		return s, err
	}
	follow, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = s.catalogue.Run(follow) }()
	p.closers = append(p.closers, func() { cancel(); <-ended })
	if err := await(ctx, 30*time.Second, s.catalogue.Ready); err != nil {
		return s, fmt.Errorf("the catalogue: %w", err)
	}
	return s, nil
}

// await blocks until ok returns true. It asks every 10 ms, for conditions that
// signal nothing.
func await(ctx context.Context, limit time.Duration, ok func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}
