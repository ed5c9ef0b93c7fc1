package httpapi

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Limits of a server.
const (
	// headLimit and readLimit are how long a client may take to send the head of
	// a request, and all of it.
	headLimit = 10 * time.Second
	readLimit = 30 * time.Second
	// drain is how long requests may take after the server was told to stop.
	drain = 5 * time.Second
)

// Serve serves on an address until ctx is done, then lets requests end. Streams
// end at once.
func Serve(ctx context.Context, addr string, h http.Handler) error {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	return ServeOn(ctx, listener, h)
}

// ServeOn is Serve on a listener.
func ServeOn(ctx context.Context, listener net.Listener, h http.Handler) error {
	server := &http.Server{Handler: h, ReadHeaderTimeout: headLimit, ReadTimeout: readLimit, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, BaseContext: func(net.Listener) context.Context { return context.WithValue(context.Background(), stopping{}, ctx) }}
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

// stopping is the key of the context that ends with the server.
type stopping struct{}

// untilStop returns a context that ends when the server is told to stop.
// http.Server.Shutdown waits for streams, but does not tell them.
func untilStop(r *http.Request) context.Context {
	if ctx, ok := r.Context().Value(stopping{}).(context.Context); ok {
		return ctx
	}
	return context.Background()
}

// Guard refuses requests that a page of another site sends with a visitor's
// cookie.
func Guard(h http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	protection.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		writeProblem(w, problem{Status: http.StatusForbidden, Code: "cross_origin", Detail: "requests of other sites are refused"})
	}))
	return protection.Handler(h)
}
