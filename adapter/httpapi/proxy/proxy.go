// Package proxy is the front door of an installation: one address, behind which
// each route is answered by the service that owns it.
package proxy

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
)

// Backends are where the servers of each service answer (host:port).
type Backends struct {
	Bookings, Seats, Ticketing []string
}

// New makes the proxy. home answers what is no route of a service.
func New(b Backends, home http.Handler, log *slog.Logger) http.Handler {
	to := func(service string, servers []string) *httputil.ReverseProxy {
		target := &url.URL{Scheme: "http", Host: service}
		return &httputil.ReverseProxy{Transport: transport(servers), FlushInterval: -1,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.Host = r.In.Host
				r.SetXForwarded()
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				if r.Context().Err() == nil {
					log.Warn("a service does not answer", "service", service, "error", err)
				}
				httpapi.WriteError(w, r, log, away(err))
			}}
	}
	bookings, seats, ticketing := to("booking-service", b.Bookings), to("seat-reservation-service", b.Seats), to("event-ticketing-service", b.Ticketing)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch path := r.URL.Path; {
		case path == "/v1/bookings" || strings.HasPrefix(path, "/v1/bookings/"):
			bookings.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/v1/events/") && (strings.HasSuffix(path, "/seats") || strings.HasSuffix(path, "/seats/stream")):
			seats.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/v1/"):
			ticketing.ServeHTTP(w, r)
		default:
			home.ServeHTTP(w, r)
		}
	})
}

// transport connects to the servers of a service in turn, to the next one if a
// server does not take the connection: nothing of the request was sent by then.
func transport(servers []string) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.MaxIdleConnsPerHost = 512
	t.ResponseHeaderTimeout = 60 * time.Second
	t.DisableCompression = true // streams are passed on as they come
	var turn atomic.Uint64
	t.DialContext = func(ctx context.Context, network, _ string) (c net.Conn, err error) {
		dialer := net.Dialer{Timeout: 2 * time.Second}
		first := turn.Add(1)
		for n := range uint64(len(servers)) {
			if c, err = dialer.DialContext(ctx, network, servers[(first+n)%uint64(len(servers))]); err == nil {
				return c, nil
			}
		}
		return nil, err
	}
	return t
}

// away is what a caller is told while a service restarts. Whether it had begun
// on the request nobody knows.
func away(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return domain.Refuse(domain.Invalid, "body_unreadable", "the body ended early")
	}
	return domain.Refuse(domain.Unavailable, "unavailable", "the service does not answer at present; try again")
}
