package httpapi_test

import (
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// The session is checked before each frame: nothing that is sent after a log-out
// reaches the reader, not even within the time between two checks.
func TestNoFrameAfterTheSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ended atomic.Bool
		sessions, claims := session(t, &ended)
		w := httptest.NewRecorder()
		s, err := sessions.OpenStream(w, httptest.NewRequest("GET", "/", nil), claims)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		if err := s.Send("change", "before"); err != nil {
			t.Fatal(err)
		}

		ended.Store(true)

		if err := s.SendEncoded("2", "change", []byte("after")); err == nil || strings.Contains(w.Body.String(), "after") {
			t.Errorf("a frame was sent (%v): %q", err, w.Body)
		}
	})
}
