package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
)

// longestFrame is more than a frame with 1,000 bookings has.
const longestFrame = 8 << 20

// follow opens a stream and calls frame with the data of each frame, until ctx is
// done. opened gets a value once the stream is open. The data is valid during the call.
func follow(ctx context.Context, url, path, token string, opened chan<- struct{}, frame func(data []byte) error) error {
	c := newConnection(url)
	defer c.close()
	body, err := c.stream(ctx, streamOf(url, path, token))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	opened <- struct{}{}
	lines := bufio.NewScanner(body)
	lines.Buffer(make([]byte, 0, 2048), longestFrame)
	for lines.Scan() {
		if data, is := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); is {
			if err := frame(data); err != nil {
				return err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return fmt.Errorf("%s: %w", path, errStreamEnded)
}

var errStreamEnded = errors.New("the server ended the stream")

// streams are the open streams of many readers. Any that ends early fails the load:
// its reader would miss what it waits for.
type streams struct{ failed chan error }

// openStreams opens n streams; open does it for one and blocks while it is open. It
// returns when all of them are open.
func openStreams(ctx context.Context, n int, open func(i int, opened chan<- struct{}) error) (*streams, error) {
	s := &streams{failed: make(chan error, n)}
	opened := make(chan struct{}, n)
	for i := range n {
		go func() {
			if err := open(i, opened); ctx.Err() == nil {
				s.failed <- err
			}
		}()
	}
	for range n {
		select {
		case <-opened:
		case err := <-s.failed:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s, nil
}

// outcomes counts what the buyers of a sale were told.
type outcomes struct{ held, failed atomic.Int64 }

func (o *outcomes) counts() (held, failed int) { return int(o.held.Load()), int(o.failed.Load()) }

// count counts the bookings that leave PROCESSING. A stream sends what waits
// together as one frame, so a frame may hold several.
func (o *outcomes) count(data []byte) error {
	if held := bytes.Count(data, []byte(`"message":"seats_held"`)); held > 0 {
		o.held.Add(int64(held))
	}
	if failed := bytes.Count(data, []byte(`"message":"no_seats"`)); failed > 0 {
		o.failed.Add(int64(failed))
	}
	return nil
}

// change is what a stream says of a booking. The snapshot says no message.
type change struct{ ID, Message string }

// changesOf reads a frame: one booking, or several that waited together.
func changesOf(data []byte) ([]change, error) {
	var frame struct {
		change
		Bookings []change
	}
	if err := json.Unmarshal(data, &frame); err != nil {
		return nil, fmt.Errorf("%w: a frame: %w", errStrange, err)
	}
	return append(frame.Bookings, frame.change), nil
}
