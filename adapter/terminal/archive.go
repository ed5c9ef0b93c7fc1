package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/archive"
)

// askedEvery is how often it is asked whether an event sleeps.
const askedEvery = time.Second

// Archive archives an event. It waits for the event to fall asleep, and for another
// process that archives it; if that takes longer than wait, it returns archive.ErrAwake
// or port.ErrArchiving. If standard error is a terminal, it
// shows a progress bar there.
func Archive(ctx context.Context, use *archive.Archive, id domain.EventID, wait time.Duration) (port.ArchiveRecord, error) {
	progress := newBars()
	var said atomic.Value // the bar is drawn by another goroutine
	said.Store(archive.Step("waiting until it sleeps"))
	bar := progress.AddBar(int64(len(archive.Steps)), mpb.PrependDecorators(decor.Any(func(decor.Statistics) string { return fmt.Sprintf("event %s: %s ", id, said.Load()) })),
		mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
	defer func() {
		bar.Abort(false) // without effect once it is complete
		progress.Wait()
	}()
	if !isTerminal(os.Stderr) {
		fmt.Fprintf(os.Stderr, "archiving event %s; an event that is awake falls asleep first, which takes some minutes\n", id)
	}
	over := time.After(wait)
	for {
		record, err := use.Handle(ctx, id, func(s archive.Step) {
			said.Store(s)
			bar.SetCurrent(int64(s.Number()))
		})
		if !errors.Is(err, archive.ErrAwake) && !errors.Is(err, port.ErrArchiving) {
			if err == nil {
				bar.SetCurrent(int64(len(archive.Steps)))
			}
			return record, err
		}
		select {
		case <-time.After(askedEvery):
		case <-over:
			return record, err
		case <-ctx.Done():
			return record, ctx.Err()
		}
	}
}

// Archived says where the archive of an event is.
func Archived(out io.Writer, id domain.EventID, path string, f port.ArchiveFile) {
	fmt.Fprintf(out, "event %s is archived: %s, %d bytes, SHA-256 %s\n", id, path, f.Bytes, f.SHA256)
}

// ArchiveRead says of what an archive is.
func ArchiveRead(out io.Writer, a port.ArchivedEvent, f port.ArchiveFile) {
	fmt.Fprintf(out, "%s: event %d, %q, archived at %s, %d bytes, SHA-256 %s\n", f.Name, a.Event.ID, a.Event.Name, a.At.Format(time.RFC3339), f.Bytes, f.SHA256)
}
