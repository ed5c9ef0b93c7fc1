package httpapi

import (
	"context"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWatch()
		ctx, hangUp := context.WithCancel(t.Context())
		var over atomic.Bool
		open := func(live func() bool) *Stream {
			s, err := openStream(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, "GET", "/", nil), live, w)
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		first, second := open(func() bool { return !over.Load() }), open(func() bool { return true })

		over.Store(true)
		time.Sleep(sessionCheck)
		synctest.Wait()

		if first.Context().Err() == nil || second.Context().Err() != nil {
			t.Error("the stream of a session that is over goes on, or another one has ended")
		}

		hangUp() // nobody calls Close
		time.Sleep(sessionCheck)
		synctest.Wait()

		if len(w.streams) > 0 || w.armed {
			t.Errorf("%d streams that have ended are watched", len(w.streams))
		}
	})
}
