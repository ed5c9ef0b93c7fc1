// Package ops serves health checks, metrics and profiles of a service on a port of
// their own.
package ops

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler serves /livez, which responds as long as the process runs, /readyz, which
// responds with 503 and the reason while ready returns an error, /metrics for
// Prometheus, and /debug/pprof. /readyz adds the lines of notes: faults in a part of
// the work that do not make the server unready.
func Handler(ready func() error, notes ...func() []string) *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.Handler())
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
		for _, note := range notes {
			for _, line := range note() {
				_, _ = w.Write([]byte(line + "\n"))
			}
		}
	})
	return mux
}

// Checkpoint is the response to POST /checkpoint.
type Checkpoint struct {
	Dir string `json:"dir"` // the caller removes it
}

// WithCheckpoint adds POST /checkpoint. make copies the directory of the service as
// of one moment, so that it can be read while the service uses it.
func WithCheckpoint(mux *http.ServeMux, make func() (dir string, err error)) *http.ServeMux {
	mux.HandleFunc("POST /checkpoint", func(w http.ResponseWriter, _ *http.Request) {
		dir, err := make()
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(Checkpoint{Dir: dir})
	})
	return mux
}
