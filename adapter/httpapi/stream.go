package httpapi

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Times of a stream.
const (
	// Heartbeat is how often a stream is heard of at least.
	Heartbeat = 15 * time.Second
	// framePause is the least time between two frames: 20 a second.
	framePause = 50 * time.Millisecond
	// readerLimit is how long a reader may take for a frame before it is cut off.
	readerLimit = 5 * time.Second
)

// Stream writes Server-Sent Events to one reader, from one goroutine.
type Stream struct {
	w       http.ResponseWriter
	control *http.ResponseController
	done    <-chan struct{} // the request's
	beat    []byte
	id      int64
	last    time.Time
}

// OpenStream begins the answer. Heartbeats are comments, which an EventSource keeps
// to itself, unless the request asks for events, by heartbeat=event.
func OpenStream(w http.ResponseWriter, r *http.Request) (*Stream, error) {
	s := &Stream{w: w, control: http.NewResponseController(w), done: r.Context().Done(), beat: []byte(":\n\n")}
	if r.URL.Query().Get("heartbeat") == "event" {
		s.beat = []byte("event: heartbeat\ndata: {}\n\n")
	}
	_ = s.control.SetReadDeadline(time.Time{}) // that of the request would end the stream
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no")
	h.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(http.StatusOK)
	return s, s.flush()
}

// Send writes a frame, at the earliest framePause after the last one.
func (s *Stream) Send(event string, data any) error {
	encoded, err := json.Marshal(data)
	if err != nil {
		return err
	}
	if wait := framePause - time.Since(s.last); wait > 0 {
		select {
		case <-time.After(wait):
		case <-s.done:
		}
	}
	s.id++
	s.last = time.Now()
	return s.SendEncoded(strconv.FormatInt(s.id, 10), event, encoded)
}

// SendEncoded writes a frame of one line of JSON that is made already. It does
// not wait: who shares frames paces them.
func (s *Stream) SendEncoded(id, event string, data []byte) error {
	head := "id: " + id + "\nevent: " + event + "\ndata: "
	_ = s.control.SetWriteDeadline(time.Now().Add(readerLimit))
	if _, err := s.w.Write([]byte(head)); err != nil {
		return err
	}
	if _, err := s.w.Write(data); err != nil {
		return err
	}
	return s.write([]byte("\n\n"))
}

// Beat writes a heartbeat, so that nobody on the way takes the stream for dead. It
// has no id: a reader that comes again comes from its last frame.
func (s *Stream) Beat() error { return s.write(s.beat) }

func (s *Stream) write(b []byte) error {
	_ = s.control.SetWriteDeadline(time.Now().Add(readerLimit))
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.flush()
}

func (s *Stream) flush() error { return s.control.Flush() }
