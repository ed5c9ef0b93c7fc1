package onsale

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/onsale-tickets/onsale/adapter/archivefile"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/archive"
	"github.com/onsale-tickets/onsale/usecase/audit"
)

type archive struct {
	Event   int64  `arg:"" optional:"" help:"Id of the event. Without it, the archives that sellers have asked for or that were interrupted are made."`
	DataDir string `name:"data-dir" env:"ONSALE_DATA_DIR" default:".onsale" type:"path" help:"The installation's directory."`
	archiveDir
	Wait time.Duration `env:"ONSALE_ARCHIVE_WAIT" default:"15m" help:"How long to wait until the event sleeps. It does so some time after its last booking: see --sleep-after of onsale up."`
}

// archiveDir is where archives are.
type archiveDir struct {
	ArchiveDir string `name:"archive-dir" env:"ONSALE_ARCHIVE_DIR" type:"path" help:"Directory of the archives. By default the directory archives in the data directory."`
}

func (a archiveDir) in(dataDir string) string {
	if a.ArchiveDir != "" {
		return a.ArchiveDir
	}
	return filepath.Join(dataDir, "archives")
}

// Help is printed by --help.
func (archive) Help() string {
	return `It works on a running installation.

It writes journal, bookings and tickets of an event into one compressed file, event-ID.zst, syncs it, reads it back, compares every record and checks the invariants. Only then it removes the event's topics and consumer groups from the brokers and its seats from RocksDB. Bookings, tickets and sales stay in PostgreSQL and readable. The live map of the event is gone.

The sale of the event must be closed, and all its bookings be final. An archive is for good: the event cannot be opened again. If the command is interrupted, run it again; it goes on where it was. Nothing is removed before the file is complete.

To check an archive later, without any service: onsale verify --archive FILE. To look into it: zstd -dc FILE | jq`
}

// Validate checks the flags.
func (a archive) Validate() error {
	if a.Event < 0 {
		return fmt.Errorf("event %d: ids are positive", a.Event)
	}
	return nil
}

// settle is how long the servers get to hear that an event is archived. A server decides
// by a catalogue that is at most a second old.
const settle = 2 * time.Second

// Run archives an event.
func (a archive) Run(ctx context.Context) error {
	c := supervisor.Config{DataDir: a.DataDir}
	if err := c.CheckDir(); err != nil {
		return err
	}
	record, running, err := supervisor.Running(c)
	if err != nil {
		return err
	}
	if !running {
		return fmt.Errorf("the installation at %s does not run; start it with onsale up", a.DataDir)
	}
	dir := a.in(a.DataDir)
	var p parts
	defer p.close()
	use, err := p.archiving(ctx, c, record, dir)
	if err != nil {
		return err
	}
	done := func(id domain.EventID, r port.ArchiveRecord) {
		terminal.Archived(os.Stdout, id, filepath.Join(dir, r.File.Name), r.File)
	}
	if a.Event == 0 {
		var failed error
		_, err := use.Pending(ctx, func(id domain.EventID, r port.ArchiveRecord, err error) {
			if err == nil {
				done(id, r)
				return
			}
			failed = errors.Join(failed, fmt.Errorf("event %d: %w", id, err))
		})
		return errors.Join(err, failed)
	}
	id := domain.EventID(a.Event)
	r, err := terminal.Archive(ctx, use, id, a.Wait)
	switch {
	case errors.Is(err, usecase.ErrAwake):
		return fmt.Errorf("event %d did not fall asleep within %s: somebody still needs it, or a server does not run; try again later", id, a.Wait)
	case err != nil:
		return err
	}
	done(id, r)
	return nil
}

// archiving opens what the use case needs.
func (p *parts) archiving(ctx context.Context, c supervisor.Config, record supervisor.Record, dir string) (*usecase.Archive, error) {
	s, err := p.openStores(ctx, c, record, "archive")
	if err != nil {
		return nil, err
	}
	publisher, err := kafkabus.NewPublisher(s.cluster)
	if err != nil {
		return nil, err
	}
	p.closers = append(p.closers, publisher.Close)
	return usecase.New(usecase.Deps{Events: s.tickets, Records: s.tickets, Bookings: s.bookings, Tickets: s.tickets, Logs: kafkabus.NewLogs(s.cluster),
		Sleep: kafkabus.NewSleep(s.cluster), Archives: archivefile.Archives{Dir: dir}, Catalogue: s.catalogue, Removal: kafkabus.NewRemoval(s.cluster, publisher),
		Inputs: []port.ArchivedInputs{s.bookings, s.tickets}, Now: time.Now, Settle: settle}), nil
}

// verifyArchive checks a file.
func verifyArchive(ctx context.Context, path string) error {
	a, file, err := archivefile.ReadFile(ctx, path)
	if err != nil {
		return err
	}
	terminal.ArchiveRead(os.Stdout, a, file)
	report, err := audit.Archive(ctx, a)
	if err != nil {
		return err
	}
	return terminal.PrintReport(os.Stdout, report)
}
