package loadgen

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

const long = 100_000 // bytes of a body, more than any buffer

// server answers by the last part of the path.
func server(t *testing.T) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/short", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "short") })
	mux.HandleFunc("/chunked", func(w http.ResponseWriter, _ *http.Request) {
		for range long / 10 {
			_, _ = io.WriteString(w, "0123456789")
		}
	})
	mux.HandleFunc("/empty", func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Length", "0") })
	mux.HandleFunc("/busy", func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "busy", http.StatusServiceUnavailable) })
	mux.HandleFunc("/last", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Connection", "close")
		_, _ = io.WriteString(w, "last")
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func ask(t *testing.T, c *connection, path string) (int, string, error) {
	status, body, err := c.do(t.Context(), streamOf(c.addr, path, ""))
	return status, string(body), err
}

// A connection is used for one answer after the other, whatever their form.
func TestConnection(t *testing.T) {
	c := newConnection(server(t).URL)
	t.Cleanup(c.close)
	for range 2 {
		for _, want := range []struct {
			path   string
			status int
			length int
		}{{"/short", 200, len("short")}, {"/chunked", 200, long}, {"/empty", 200, 0}, {"/busy", 503, len("busy\n")}, {"/last", 200, len("last")}} {
			status, body, err := ask(t, c, want.path)
			if err != nil || status != want.status || len(body) != want.length {
				t.Errorf("%s: %d with %d bytes: %v", want.path, status, len(body), err)
			}
			if open := c.conn != nil; open == (want.path == "/last") {
				t.Errorf("%s: the connection stays open: %t", want.path, open)
			}
		}
	}
}

func TestConnectionDialsAgain(t *testing.T) {
	c := newConnection(server(t).URL)
	t.Cleanup(c.close)

	_, _, err := ask(t, c, "/cut")

	if !errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, errStrange) {
		t.Errorf("half an answer: %v", err)
	}
	if status, _, err := ask(t, c, "/short"); err != nil || status != 200 {
		t.Errorf("the next request: %d, %v", status, err)
	}
}

func TestConnectionNamesWhatIsStrange(t *testing.T) {
	for name, answer := range map[string]string{
		"another protocol":  "SSH-2.0-OpenSSH_9.2\r\n",
		"no number":         "HTTP/1.1 abc\r\n\r\n",
		"a length of words": "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
		"no length":         "HTTP/1.1 200 OK\r\n\r\nbody",
		"an endless header": "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 10_000) + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = listener.Close() })
			go func() {
				if conn, err := listener.Accept(); err == nil {
					_, _ = conn.Read(make([]byte, 4096))
					_, _ = io.WriteString(conn, answer)
				}
			}()

			_, _, err = ask(t, newConnection(listener.Addr().String()), "/")

			if !errors.Is(err, errStrange) {
				t.Error(err)
			}
		})
	}
}

func TestAccepted(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		body   string
		err    error
		ok     bool
		fails  bool
	}{
		"a booking":              {200, `{"status":"processing"}`, nil, true, false},
		"a refusal":              {503, "", nil, false, false},
		"a connection that ends": {0, "", io.ErrUnexpectedEOF, false, false},
		"200 without a booking":  {200, "hello", nil, false, true},
		"what is not HTTP":       {0, "", errStrange, false, true},
	} {
		if ok, _, err := accepted(c.status, []byte(c.body), c.err); ok != c.ok || (err != nil) != c.fails {
			t.Errorf("%s: %t, %v", name, ok, err)
		}
	}
}

// A stream that ends early fails the load: its buyer would never be told.
func TestStreamThatEnds(t *testing.T) {
	s := server(t)
	open := func(path string) func(int, chan<- struct{}) error {
		return func(_ int, opened chan<- struct{}) error {
			return follow(t.Context(), s.URL, path, "token", opened, func([]byte) error { return nil })
		}
	}

	if _, err := openStreams(t.Context(), 2, open("/busy")); err == nil || !strings.Contains(err.Error(), "503") {
		t.Error(err)
	}
	streams, err := openStreams(t.Context(), 2, open("/chunked"))
	if err == nil { // the end comes after the opening or together with it
		err = <-streams.failed
	}
	if !errors.Is(err, errStreamEnded) {
		t.Error(err)
	}
}

func TestConnectionEndsWithItsContext(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // never answers
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if _, err := listener.Accept(); err == nil {
			cancel()
		}
	}()

	_, _, err = newConnection(listener.Addr().String()).do(ctx, []byte("GET / HTTP/1.1\r\n\r\n"))

	if err == nil {
		t.Error("it returned without an answer")
	}
}
