package httpapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Times of a stream.
const (
	// Heartbeat is the longest silence of a stream.
	Heartbeat = 15 * time.Second
	// framePause is the least time between two frames: 20 a second.
	framePause = 50 * time.Millisecond
	// readerLimit is how long the write of a frame may block on a slow reader.
	readerLimit = 5 * time.Second
)

// errStreamEnded is returned by writes to a stream whose session, request or
// server has ended.
var errStreamEnded = errors.New("the stream has ended")

// Stream writes Server-Sent Events to one reader. Only Context and Done may be
// called from more than one goroutine.
type Stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	ctx     context.Context
	cancel  context.CancelFunc
	unlink  func() bool // from the end of the server
	live    func() bool // nil: the stream belongs to no session
	beat    []byte
	id      int64
	last    time.Time

	mu    sync.Mutex // guards the write deadline
	ended bool
}

// OpenStream starts a stream that anybody may read. Close must be called.
// Heartbeats are comments, which an EventSource hides from its page, unless the
// request asks for events by heartbeat=event.
func OpenStream(w http.ResponseWriter, r *http.Request) (*Stream, error) {
	return openStream(w, r, nil, nil)
}

// OpenStream starts a stream that ends with a session. The session is checked
// before each frame, and also while the stream waits: for a change, for a store,
// or for a slow reader.
func (s *Sessions) OpenStream(w http.ResponseWriter, r *http.Request, c port.Claims) (*Stream, error) {
	return openStream(w, r, func() bool { return s.Live(c) }, s.watch)
}

func openStream(w http.ResponseWriter, r *http.Request, live func() bool, watch *watch) (*Stream, error) {
	s := &Stream{w: w, control: http.NewResponseController(w), live: live, beat: []byte(":\n\n")}
	s.ctx, s.cancel = context.WithCancel(r.Context())
	if r.URL.Query().Get("heartbeat") == "event" {
		s.beat = []byte("event: heartbeat\ndata: {}\n\n")
	}
	context.AfterFunc(s.ctx, s.interrupt)
	s.unlink = context.AfterFunc(untilStop(r), s.cancel)
	if watch != nil {
		watch.add(s)
		context.AfterFunc(s.ctx, func() { watch.remove(s) })
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	return s, s.control.Flush()
}

// interrupt ends a write that waits for a slow reader.
func (s *Stream) interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.ended = true
		_ = s.control.SetWriteDeadline(time.Now())
	}
}

// Close ends the stream. It lifts the write deadline, so that the response ends
// properly and the connection can serve further requests.
func (s *Stream) Close() {
	s.unlink()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	_ = s.control.SetWriteDeadline(time.Time{})
	s.cancel()
}

// Context returns a context that ends with the stream.
func (s *Stream) Context() context.Context { return s.ctx }

// Done returns a channel that is closed when the stream ends.
func (s *Stream) Done() <-chan struct{} { return s.ctx.Done() }

// Send writes a frame, at the earliest framePause after the one before.
func (s *Stream) Send(event string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if wait := framePause - time.Since(s.last); wait > 0 {
		select {
		case <-time.After(wait):
		case <-s.ctx.Done():
		}
	}
	s.id++
	s.last = time.Now()
	return s.SendEncoded(strconv.FormatInt(s.id, 10), event, encoded)
}

// SendEncoded writes a frame of one line of JSON. It does not wait before: a
// frame that many streams share is paced by its maker.
func (s *Stream) SendEncoded(id, event string, data []byte) error {
	return s.write([]byte("id: "+id+"\nevent: "+event+"\ndata: "), data, []byte("\n\n"))
}

// Beat writes a heartbeat, so that no proxy takes the stream for dead. It has no
// id: Last-Event-ID stays that of the last frame.
func (s *Stream) Beat() error { return s.write(s.beat) }

func (s *Stream) write(parts ...[]byte) error {
	if err := s.begin(); err != nil {
		return err
	}
	for _, b := range parts {
		if _, err := s.w.Write(b); err != nil {
			return err
		}
	}
	return s.control.Flush()
}

// begin starts the time that the reader has for a frame.
func (s *Stream) begin() error {
	if s.live != nil && !s.live() {
		s.cancel()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended || s.ctx.Err() != nil {
		return errStreamEnded
	}
	_ = s.control.SetWriteDeadline(time.Now().Add(readerLimit))
	return nil
}
