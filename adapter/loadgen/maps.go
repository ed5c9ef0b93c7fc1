package loadgen

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.MapReaders = Load{}

const (
	mapLimit = time.Minute            // how long readers may wait for their first frame
	askAgain = 100 * time.Millisecond // pause after a 503
)

// Watch implements port.MapReaders. It reads the maps in the form that the pages
// read.
func (l Load) Watch(ctx context.Context, event domain.EventID, n int) (stop func() (int, error), err error) {
	ctx, cancel := context.WithCancel(ctx)
	var frames, complete atomic.Int64
	streams, err := openStreams(ctx, n, func(_ int, opened chan<- struct{}) error {
		return l.read(ctx, event, opened, func(isFirst bool) {
			frames.Add(1)
			if isFirst {
				complete.Add(1)
			}
		})
	})
	if err != nil {
		cancel()
		return nil, err
	}
	limit := time.After(mapLimit)
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for complete.Load() < int64(n) {
		select {
		case <-tick.C:
			continue
		case err = <-streams.failed:
		case <-limit:
			err = fmt.Errorf("%d of %d readers of the map got no frame within %s", int64(n)-complete.Load(), n, mapLimit)
		case <-ctx.Done():
			err = ctx.Err()
		}
		cancel()
		return nil, err
	}
	return func() (int, error) {
		defer cancel()
		select {
		case err := <-streams.failed:
			return int(frames.Load()), err
		default:
			return int(frames.Load()), nil
		}
	}, nil
}

// read reads the map of an event. A server answers 503 until it has read all
// sections of a new event; then read asks again, as a page does.
func (l Load) read(ctx context.Context, event domain.EventID, opened chan<- struct{}, frame func(isFirst bool)) error {
	isFirst := true
	for end := time.Now().Add(mapLimit); ; {
		err := follow(ctx, l.SeatsURL, fmt.Sprintf("/v1/events/%d/seats/stream?format=bits", event), "", opened, func([]byte) error {
			frame(isFirst)
			isFirst = false
			return nil
		})
		if !errors.Is(err, errUnavailable) || time.Now().After(end) {
			return err
		}
		select {
		case <-time.After(askAgain):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
