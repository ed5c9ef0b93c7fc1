package httpapi_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
)

// A reader that does not read is cut off; it is not waited for.
func TestF25_StalledReader(t *testing.T) {
	cut := make(chan time.Duration, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := httpapi.OpenStream(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		frame := []byte(`"` + strings.Repeat("x", 1<<20) + `"`)
		began := time.Now()
		for {
			if err := s.SendEncoded("1", "change", frame); err != nil {
				cut <- time.Since(began)
				return
			}
		}
	}))
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Write([]byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n")); err != nil {
		t.Fatal(err)
	}
	select {
	case took := <-cut:
		if took > 10*time.Second {
			t.Errorf("it was waited for %s", took)
		}
	case <-time.After(30 * time.Second):
		t.Error("it is still waited for")
	}
}

func TestStreamFrames(t *testing.T) {
	w := httptest.NewRecorder()
	s, err := httpapi.OpenStream(w, httptest.NewRequest("GET", "/", nil))
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	for range 3 {
		if err := s.Send("change", map[string]int{"n": 1}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Beat(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 100*time.Millisecond {
		t.Errorf("three frames within %s: more than 20 a second", took)
	}
	want := "id: 1\nevent: change\ndata: {\"n\":1}\n\n" + "id: 2\nevent: change\ndata: {\"n\":1}\n\n" + "id: 3\nevent: change\ndata: {\"n\":1}\n\n" + ":\n\n"
	if w.Body.String() != want || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Accel-Buffering") != "no" || w.Header().Get("Content-Type") != "text/event-stream" {
		t.Errorf("%q %v", w.Body, w.Header())
	}
}

func TestStreamHeartbeats(t *testing.T) {
	for query, want := range map[string]string{"": ":\n\n", "?heartbeat=event": "event: heartbeat\ndata: {}\n\n"} {
		w := httptest.NewRecorder()
		s, err := httpapi.OpenStream(w, httptest.NewRequest("GET", "/"+query, nil))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Beat(); err != nil || w.Body.String() != want {
			t.Errorf("%q: %q %v", query, w.Body, err)
		}
	}
}
