package httpapi_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
)

// session returns sessions in which one is live until ended is set, and its
// claims.
func session(t *testing.T, ended *atomic.Bool) (*httpapi.Sessions, port.Claims) {
	t.Helper()
	list := portmock.NewMockEndedSessions(gomock.NewController(t))
	list.EXPECT().Ended(gomock.Any()).DoAndReturn(func(port.Claims) bool { return ended.Load() }).AnyTimes()
	return httpapi.NewSessions(portmock.NewMockTokens(gomock.NewController(t)), list), port.Claims{Session: "s", ExpiresAt: time.Now().Add(time.Hour)}
}

// A stream ends soon after its session, whatever it waits for.
func TestStreamEndsWithItsSession(t *testing.T) {
	frame := strings.Repeat("x", 64<<20) // more than the buffers between server and reader
	for name, c := range map[string]struct {
		reads  bool
		stream func(*httpapi.Stream) error
	}{
		"while nothing changes":          {true, func(s *httpapi.Stream) error { <-s.Done(); return nil }},
		"in the midst of a burst":        {true, func(s *httpapi.Stream) error { return s.Send("change", 1) }},
		"while its reader stops reading": {false, func(s *httpapi.Stream) error { return s.Send("change", frame) }},
		"while it reads from a store":    {true, func(s *httpapi.Stream) error { <-s.Context().Done(); return s.Context().Err() }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var ended atomic.Bool
			sessions, claims := session(t, &ended)
			handled := make(chan time.Time, 1)
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := sessions.OpenStream(w, r, claims)
				if err != nil {
					t.Error(err)
					return
				}
				defer s.Close()
				defer func() { handled <- time.Now() }()
				for s.Context().Err() == nil {
					if c.stream(s) != nil {
						return
					}
				}
			}))
			defer server.Close()
			conn, err := net.Dial("tcp", server.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
				t.Fatal(err)
			}
			response := bufio.NewReader(conn)
			if _, err := response.ReadString('\n'); err != nil { // the stream is open
				t.Fatal(err)
			}
			if c.reads {
				go func() { _, _ = io.Copy(io.Discard, response) }()
			} else if _, err := io.CopyN(io.Discard, response, 1<<20); err != nil { // the frame is being written
				t.Fatal(err)
			}

			ended.Store(true)
			began := time.Now()

			select {
			case at := <-handled:
				if took := at.Sub(began); took > time.Second {
					t.Errorf("the stream went on for %s", took)
				}
			case <-time.After(20 * time.Second):
				t.Error("the stream goes on")
			}
		})
	}
}

// A stream that ends leaves a whole response, and a connection that serves the
// next request.
func TestConnectionAfterAStream(t *testing.T) {
	var ended atomic.Bool
	sessions, claims := session(t, &ended)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/next" {
			_, _ = w.Write([]byte("next"))
			return
		}
		s, err := sessions.OpenStream(w, r, claims)
		if err != nil {
			t.Error(err)
			return
		}
		defer s.Close()
		if err := s.Send("snapshot", 1); err != nil {
			t.Error(err)
		}
		ended.Store(true)
		<-s.Done()
	}))
	defer server.Close()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(conn)
	if err != nil || !strings.Contains(string(got), "\r\n0\r\n\r\nHTTP/1.1 200 OK") || !strings.HasSuffix(string(got), "next") {
		t.Errorf("%q %v", got, err)
	}
}

// A stream without a session ends with the server.
func TestStreamEndsWithTheServer(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() {
		served <- httpapi.ServeOn(ctx, listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := httpapi.OpenStream(w, r)
			if err != nil {
				t.Error(err)
				return
			}
			defer s.Close()
			<-s.Done()
		}))
	}()
	resp, err := http.Get("http://" + listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()

	stop()
	began := time.Now()

	if _, err := io.ReadAll(resp.Body); err != nil {
		t.Error(err)
	}
	if err := <-served; err != nil || time.Since(began) > 2*time.Second {
		t.Errorf("%v after %s", err, time.Since(began))
	}
}
