package onsale

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/onsale-tickets/onsale/adapter/httpapi/ops"
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
	DeadLetters int           `name:"dead-letters" env:"ONSALE_DEAD_LETTERS" default:"0" help:"How many dead letters are known."`
	Rest        time.Duration `env:"ONSALE_REST" default:"60s" help:"How long a running installation may take to come to rest."`
}

// Run checks an installation, as it runs or as it lies there.
func (v verify) Run(ctx context.Context) error {
	c := supervisor.Config{DataDir: v.DataDir}
	record, running, err := supervisor.Running(c)
	if err != nil {
		return err
	}
	var report audit.Report
	if running {
		report, err = v.running(ctx, c, record)
	} else {
		report, err = v.stopped(ctx, c) // nothing is made where nothing is
	}
	if err != nil {
		return err
	}
	return print(os.Stdout, report)
}

// running audits until nothing is violated: what moves looks violated, and a
// server that was ended is started again. It ends early when what it finds stays
// the same.
func (v verify) running(ctx context.Context, c supervisor.Config, record supervisor.Record) (audit.Report, error) {
	const still = 15 * time.Second // this long the same is no movement
	var last audit.Report
	var lastErr error
	since := time.Now()
	for end := time.Now().Add(v.Rest); ; {
		report, err := v.once(ctx, c, record)
		if err == nil && len(report.Violations) == 0 {
			return report, nil
		}
		if (err == nil) != (lastErr == nil) || err == nil && !report.Same(last) {
			since = time.Now()
		}
		last, lastErr = report, err
		if time.Since(since) > still || time.Now().After(end) {
			return report, err
		}
		select {
		case <-time.After(500 * time.Millisecond):
		case <-ctx.Done():
			return report, ctx.Err()
		}
	}
}

// once audits what runs.
func (v verify) once(ctx context.Context, c supervisor.Config, record supervisor.Record) (audit.Report, error) {
	dirs, err := checkpoints(ctx, record.Of(supervisor.Seats))
	defer func() {
		for _, dir := range dirs {
			_ = os.RemoveAll(dir)
		}
	}()
	if err != nil {
		return audit.Report{}, err
	}
	return v.audit(ctx, c, record, dirs, nil)
}

func checkpoints(ctx context.Context, servers []supervisor.Service) ([]string, error) {
	var dirs []string
	for _, s := range servers {
		dir, err := checkpoint(ctx, s.Ops)
		if err != nil {
			return dirs, err
		}
		dirs = append(dirs, dir)
	}
	return dirs, nil
}

// checkpoint asks a seat owner for a copy of its store.
func checkpoint(ctx context.Context, addr string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+addr+"/checkpoint", nil)
	if err != nil {
		return "", err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", fmt.Errorf("ask seat-reservation-service for a checkpoint: %w", err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("ask seat-reservation-service for a checkpoint: %s", resp.Status)
	}
	var made ops.Checkpoint
	err = json.NewDecoder(resp.Body).Decode(&made)
	return made.Dir, err
}

// stopped starts the stores for as long as it reads.
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
	bin, err := binaries()
	if err != nil {
		return audit.Report{}, err
	}
	c.Bin = bin
	if err := (brokerFlags{jarsFlag: v.jarsFlag}).into(&c); err != nil {
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
	// A directory of a server that the last run had not is of an earlier one.
	var dirs []string
	for server := 1; server <= max(last.Servers, 1); server++ {
		if _, err := os.Stat(c.SeatsDir(server)); err == nil {
			dirs = append(dirs, c.SeatsDir(server))
		}
	}
	return v.audit(ctx, c, in.Record(), dirs, &last)
}

// audit reads what runs, or what the last run left; nil: it runs.
func (v verify) audit(ctx context.Context, c supervisor.Config, record supervisor.Record, seatsDirs []string, last *supervisor.LastRun) (audit.Report, error) {
	parts, err := openParts(ctx, c, record, seatsDirs)
	if err != nil {
		return audit.Report{}, err
	}
	defer parts.close()
	parts.sources.DeadLetters = v.DeadLetters
	if last == nil {
		for _, s := range record.Of(supervisor.Seats) {
			parts.sources.Maps = append(parts.sources.Maps, func(ctx context.Context, id domain.EventID) (map[domain.SeatID]string, error) {
				return loadgen.SeatMap(ctx, "http://"+s.HTTP, id)
			})
		}
		for name, at := range record.Services {
			p, err := loadgen.ReadProcess(ctx, name, "http://"+at.Ops)
			if err != nil {
				return audit.Report{}, err
			}
			parts.sources.Processes = append(parts.sources.Processes, p)
		}
	} else {
		parts.sources.Started, parts.sources.Now = last.Started, func() time.Time { return last.Until }
	}
	progress := mpb.New(mpb.WithOutput(os.Stderr), mpb.WithAutoRefresh())
	if !terminal.IsTerminal(os.Stderr) {
		progress = mpb.New(mpb.WithOutput(nil)) // nobody looks
	}
	bar := progress.AddBar(1, mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name("reading ")), mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
	report, err := audit.Audit(ctx, parts.sources, func(done, steps int) {
		bar.SetTotal(int64(steps), false)
		bar.SetCurrent(int64(done))
	})
	bar.SetTotal(-1, true)
	progress.Wait()
	return report, err
}

// parts are what an audit reads from, open.
type parts struct {
	sources audit.Sources
	closers []func()
}

func (p *parts) close() {
	for i := len(p.closers) - 1; i >= 0; i-- {
		p.closers[i]()
	}
}

func openParts(ctx context.Context, c supervisor.Config, record supervisor.Record, seatsDirs []string) (p *parts, err error) {
	p = &parts{}
	opened := p // what is answered with an error is nil
	defer func() {
		if err != nil {
			opened.close()
		}
	}()
	bookingURL, err := c.DatabaseURL(supervisor.Bookings)
	if err != nil {
		return nil, err
	}
	ticketURL, err := c.DatabaseURL(supervisor.Ticketing)
	if err != nil {
		return nil, err
	}
	b, err := bookings.Open(ctx, bookingURL)
	if err != nil {
		return nil, fmt.Errorf("bookings: %w", err)
	}
	p.closers = append(p.closers, b.Close)
	t, err := tickets.Open(ctx, ticketURL)
	if err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	p.closers = append(p.closers, t.Close)
	kept, err := keptKafka(c.DataDir)
	if err != nil {
		return nil, err
	}
	config, err := kept.Config()
	if err != nil {
		return nil, err
	}
	config.Brokers, config.ServerID, config.Service, config.Log = record.Kafka, "verify", message.EventTicketing, slog.New(slog.DiscardHandler)
	cluster, err := kafkabus.Connect(ctx, config)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, cluster.Close)
	catalogue, err := kafkabus.NewCatalogue(cluster)
	if err != nil {
		return nil, err
	}
	follow, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); _ = catalogue.Run(follow) }()
	p.closers = append(p.closers, func() { cancel(); <-ended })
	if err := await(ctx, 30*time.Second, catalogue.Ready); err != nil {
		return nil, fmt.Errorf("the catalogue: %w", err)
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
	p.sources = audit.Sources{Catalogue: catalogue, Logs: kafkabus.NewLogs(cluster), Seats: stores, Bookings: b, Tickets: t,
		BookingInputs: b, TicketInputs: t,
		Charges: paysandbox.Charges(c.GatewayDir()), Now: time.Now}
	return p, nil
}

// await asks every few milliseconds, for what tells nobody when it happens.
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

// shown is how many violations of an invariant are printed.
const shown = 20

func print(out io.Writer, r audit.Report) error {
	fmt.Fprintf(out, "%d events, %d seats, %d journal records, %d messages, %d bookings, %d payments\n",
		r.Events, r.Seats, r.Records, r.Messages, r.Bookings, r.Payments)
	for _, i := range audit.Invariants {
		found := r.Of(i.Name)
		gap, open := r.Gap(i.Name)
		switch {
		case len(found) > 0:
			fmt.Fprintf(out, "  %-4s VIOLATED  %s: %d times\n", i.Name, i.Says, len(found))
		case gap.Whole:
			fmt.Fprintf(out, "  %-4s not judged  %s: %s\n", i.Name, i.Says, gap.Why)
		case open:
			fmt.Fprintf(out, "  %-4s ok so far, not all judged  %s: %s\n", i.Name, i.Says, gap.Why)
		default:
			fmt.Fprintf(out, "  %-4s ok        %s\n", i.Name, i.Says)
		}
		for _, v := range found[:min(len(found), shown)] {
			fmt.Fprintf(out, "         %s\n", v.Detail)
		}
	}
	if len(r.Violations) > 0 {
		return fmt.Errorf("%d violations", len(r.Violations))
	}
	return nil
}
