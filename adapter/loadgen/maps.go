package loadgen

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

var _ port.MapReaders = Load{}

// mapLimit is how long readers may wait for their first frame.
const mapLimit = time.Minute

// Watch implements port.MapReaders. It reads the maps in the form that the pages
// read.
func (l Load) Watch(ctx context.Context, event domain.EventID, n int) (stop func() (int, error), err error) {
	ctx, cancel := context.WithCancel(ctx)
	var frames, complete atomic.Int64
	streams, err := openStreams(ctx, n, func(_ int, opened chan<- error) error {
		first := true
		return follow(ctx, l.SeatsURL, fmt.Sprintf("/v1/events/%d/seats/stream?format=bits", event), "", opened, func([]byte) error {
			frames.Add(1)
			if first {
				complete.Add(1)
				first = false
			}
			return nil
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
