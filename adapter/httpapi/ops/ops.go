// Package ops serves what the people on call ask a service, on a port of its
// own: is it alive, is it ready, what does it do.
package ops

import (
	"encoding/json"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Handler serves /livez, which answers as long as the process does, /readyz, which
// answers 503 with the reason while ready returns one, /metrics for Prometheus, and
// /debug/pprof, where the time goes. /readyz adds the lines of notes: what is wrong
// with a part of the work, and no reason to send nobody here.
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

// Checkpoint is the answer of POST /checkpoint.
type Checkpoint struct {
	Dir string `json:"dir"` // the caller's to remove
}

// WithCheckpoint serves POST /checkpoint too: make makes a copy of the service's
// directory as it is at one moment, for who must read it while it is in use.
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
