// Package ops serves what the people on call ask a service, on a port of its
// own: is it alive, is it ready.
package ops

import "net/http"

// Handler serves /livez, which answers as long as the process does, and
// /readyz, which answers 503 with the reason while ready gives one.
func Handler(ready func() error) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) {
		if err := ready(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte("ok\n"))
	})
	return mux
}
