package loadgen_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"sync/atomic"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
)

// mapServer sends each reader but the first two, which get 503, a snapshot and a
// change. If it ends, it sends nothing
// and ends the stream.
func mapServer(t *testing.T, ends bool) string {
	mux := http.NewServeMux()
	var asked atomic.Int64
	mux.HandleFunc("GET /v1/events/7/seats/stream", func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1) <= 2 {
			http.Error(w, "not yet", http.StatusServiceUnavailable)
			return
		}
		if ends {
			return
		}
		_, _ = io.WriteString(w, "event: snapshot\ndata: {}\n\nevent: change\ndata: {}\n\n")
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestWatch(t *testing.T) {
	stop, err := loadgen.Load{SeatsURL: mapServer(t, false)}.Watch(t.Context(), 7, 20)
	if err != nil {
		t.Fatal(err)
	}
	frames, err := stop()
	if err != nil || frames < 20 || frames > 40 {
		t.Errorf("%d frames: %v", frames, err)
	}
}

func TestWatchFailsWhenAStreamEnds(t *testing.T) {
	_, err := loadgen.Load{SeatsURL: mapServer(t, true)}.Watch(t.Context(), 7, 2)

	if err == nil {
		t.Error("the readers have no map")
	}
}

func TestResident(t *testing.T) {
	memory := loadgen.Memory{Processes: func() map[string]int { return map[string]int{"this": os.Getpid(), "between two runs": 0} }}

	r := memory.Resident()

	const mebi = 1 << 20
	if this := r["this"]; len(r) != 1 || this.Now < mebi || this.Now > 4096*mebi || this.Peak < mebi {
		t.Errorf("memory %+v", r)
	}
}
