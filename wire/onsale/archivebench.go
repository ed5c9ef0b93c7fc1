package onsale

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/onsale-tickets/onsale/adapter/archivefile"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/seeder"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	archiving "github.com/onsale-tickets/onsale/usecase/archive"
	"github.com/onsale-tickets/onsale/usecase/audit"
	usecase "github.com/onsale-tickets/onsale/usecase/bench"
	"github.com/onsale-tickets/onsale/wire/process"
)

type archiveBench struct{ saleFlags }

// Run sells an event and archives it.
func (b archiveBench) Run(ctx context.Context) error {
	c := supervisor.Config{Servers: 1, Window: time.Hour, Sleep: process.LeastSleepAfter}
	return b.runWith(ctx, "archive", c, func(ctx context.Context, p benchParts, o terminal.Origin) (terminal.Figures, error) {
		use := usecase.NewArchive(p.seller, p.tokens, p.load, eventArchive{p.seller, p.config, p.in.Record()})
		return terminal.ArchiveBench(ctx, use, usecase.ArchiveInput{Seats: b.Seats, Clients: b.Clients, Buyers: b.Buyers}, o)
	})
}

// eventArchive implements port.EventArchive with the parts of onsale archive.
type eventArchive struct {
	*seeder.Seller
	config supervisor.Config
	record supervisor.Record
}

var _ port.EventArchive = eventArchive{}

func (e eventArchive) dir() string { return filepath.Join(e.config.DataDir, "archives") }

// sleepLimit is how long an event of a benchmark may take to fall asleep.
const sleepLimit = 5 * time.Minute

// Archive implements port.EventArchive.
func (e eventArchive) Archive(ctx context.Context, id domain.EventID) (t port.ArchiveTimes, err error) {
	var p parts
	defer p.close()
	use, err := p.archiving(ctx, e.config, e.record, e.dir())
	if err != nil {
		return t, err
	}
	ctx, cancel := context.WithTimeout(ctx, sleepLimit)
	defer cancel()
	for {
		began := time.Now()
		r, err := use.Handle(ctx, id, func(archiving.Step) {})
		t.Took, t.Bytes = time.Since(began), r.File.Bytes
		if !archiving.Waits(err) {
			return e.checked(ctx, r.File.Name, t, err)
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return t, errors.Join(ctx.Err(), err)
		}
	}
}

func (e eventArchive) checked(ctx context.Context, name string, t port.ArchiveTimes, err error) (port.ArchiveTimes, error) {
	if err != nil {
		return t, err
	}
	began := time.Now()
	a, _, err := archivefile.ReadFile(ctx, filepath.Join(e.dir(), name))
	if err != nil {
		return t, err
	}
	report, err := audit.Archive(ctx, a)
	if t.Verified = time.Since(began); err == nil && len(report.Violations) > 0 {
		err = archiving.ErrUnsound
	}
	return t, err
}

// Kept implements port.EventArchive.
func (e eventArchive) Kept(ctx context.Context, id domain.EventID) (partitions int, bytes int64, err error) {
	var p parts
	defer p.close()
	s, err := p.openStores(ctx, e.config, e.record, "bench")
	if err != nil {
		return 0, 0, err
	}
	publisher, err := kafkabus.NewPublisher(s.cluster)
	if err != nil {
		return 0, 0, err
	}
	defer publisher.Close()
	topics, err := kafkabus.NewRemoval(s.cluster, publisher).TopicIDs(ctx, id)
	if err != nil {
		return 0, 0, err
	}
	for _, dir := range []string{filepath.Join(e.config.DataDir, "broker"), filepath.Join(e.config.DataDir, "kafka"), e.config.SeatsDir(1)} {
		n, err := sizeOf(dir)
		if err != nil {
			return 0, 0, err
		}
		bytes += n
	}
	return len(topics) * domain.Partitions, bytes, nil
}

// sizeOf returns the size of all files in a directory. Files come and go meanwhile.
func sizeOf(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if errors.Is(err, os.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() {
			return err
		}
		if info, err := entry.Info(); err == nil {
			bytes += info.Size()
		}
		return nil
	})
	return bytes, err
}
