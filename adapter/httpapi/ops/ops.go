// Package ops serves what the people on call ask a service, on a port of its
// own: is it alive, is it ready.
package ops

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

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

// drain is how long requests may take to end after the end was asked for.
const drain = 5 * time.Second

// Serve serves on an address until ctx is done, then lets requests end.
func Serve(ctx context.Context, addr string, h http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 5 * time.Second}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-ctx.Done()
		limit, cancel := context.WithTimeout(context.Background(), drain)
		defer cancel()
		if server.Shutdown(limit) != nil {
			_ = server.Close()
		}
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-ended
	return nil
}
