package onsale

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	tickets "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	usecase "github.com/onsale-tickets/onsale/usecase/archive"
)

// archiver makes the archives that sellers ask for, and finishes those that were
// interrupted.
type archiver struct {
	config supervisor.Config
	in     *supervisor.Installation
	dir    string
	log    *slog.Logger
}

func newArchiver(c supervisor.Config, in *supervisor.Installation, dir string) archiver {
	return archiver{c, in, dir, slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
}

// archiveEvery is how often it is asked whether there is something to archive.
const archiveEvery = 5 * time.Second

// start runs the archiver in the background. stop ends it and waits.
func (a archiver) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a.run(ctx)
	}()
	return func() { cancel(); <-ended }
}

// run asks again and again. A failure is logged when it is a new one.
func (a archiver) run(ctx context.Context) {
	tick := time.NewTicker(archiveEvery)
	defer tick.Stop()
	var store *tickets.Store
	defer func() {
		if store != nil {
			store.Close()
		}
	}()
	said := ""
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		var err error
		if store == nil {
			store, err = a.open(ctx)
		}
		if err == nil {
			err = a.look(ctx, store)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			said = ""
		case err.Error() != said:
			said = err.Error()
			a.log.Warn("archives", "error", err)
		}
	}
}

// look opens the brokers only if there is something to do.
func (a archiver) look(ctx context.Context, store *tickets.Store) error {
	if ids, err := store.Pending(ctx); err != nil || len(ids) == 0 {
		return err
	}
	var p parts
	defer p.close()
	use, err := p.archiving(ctx, a.config, a.in.Record(), a.dir)
	if err != nil {
		return err
	}
	tick := time.NewTicker(archiveEvery)
	defer tick.Stop()
	said := map[domain.EventID]string{}
	for {
		left, err := use.Pending(ctx, func(id domain.EventID, r port.ArchiveRecord, err error) {
			switch {
			case err == nil:
				a.log.Info("event archived", "event", id, "file", r.File.Name, "sha256", r.File.SHA256)
			case !usecase.Waits(err) && said[id] != err.Error():
				said[id] = err.Error()
				a.log.Warn("event not archived; tried again", "event", id, "error", err)
			}
		})
		if err != nil || left == 0 {
			return err
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// open opens the database that has the requests.
func (a archiver) open(ctx context.Context) (*tickets.Store, error) {
	url, err := a.config.DatabaseURL(supervisor.Ticketing)
	if err != nil {
		return nil, err
	}
	store, err := tickets.Open(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("tickets: %w", err)
	}
	return store, nil
}
