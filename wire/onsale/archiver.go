package onsale

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	tickets "github.com/onsale-tickets/onsale/adapter/pgstore/ticketing"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/ticker"
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
	store  *tickets.Store // has the requests; nil until it is needed
}

func newArchiver(c supervisor.Config, in *supervisor.Installation, dir string) *archiver {
	return &archiver{config: c, in: in, dir: dir, log: slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))}
}

// archiveEvery is how often it is asked whether there is something to archive.
const archiveEvery = 5 * time.Second

// start runs the archiver in the background. stop ends it and waits.
func (a *archiver) start(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = ticker.Task{Name: "archives", Every: archiveEvery, Do: a.look}.Run(ctx, a.log) // it ends with ctx
	}()
	return func() { cancel(); <-ended; a.close() }
}

// look opens the brokers only if there is something to do.
func (a *archiver) look(ctx context.Context) error {
	if err := a.open(ctx); err != nil {
		return err
	}
	if ids, err := a.store.Pending(ctx); err != nil || len(ids) == 0 {
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
		left, err := use.Pending(ctx, func(id domain.EventID, _ port.ArchiveRecord, err error) {
			if err != nil && !usecase.Waits(err) && said[id] != err.Error() {
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

// open opens the database that has the requests, once.
func (a *archiver) open(ctx context.Context) error {
	if a.store != nil {
		return nil
	}
	url, err := a.config.DatabaseURL(supervisor.Ticketing)
	if err != nil {
		return err
	}
	if a.store, err = tickets.Open(ctx, url); err != nil {
		return fmt.Errorf("tickets: %w", err)
	}
	return nil
}

func (a *archiver) close() {
	if a.store != nil {
		a.store.Close()
	}
}
