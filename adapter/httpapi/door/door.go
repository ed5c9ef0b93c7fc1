// Package door is the front door of an installation: one address, behind which
// each route is answered by the service that owns it.
package door

import (
	"errors"
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/domain"
)

// Backends are where the services answer (host:port).
type Backends struct {
	Bookings, Seats, Ticketing string
}

// New makes the door. home answers what is no route of a service.
func New(b Backends, home http.Handler, log *slog.Logger) http.Handler {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxIdleConnsPerHost = 512
	transport.ResponseHeaderTimeout = 60 * time.Second
	transport.DisableCompression = true // streams are passed on as they come
	to := func(addr string) *httputil.ReverseProxy {
		target := &url.URL{Scheme: "http", Host: addr}
		return &httputil.ReverseProxy{Transport: transport, FlushInterval: -1,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.Host = r.In.Host
				r.SetXForwarded()
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				if r.Context().Err() == nil {
					log.Warn("a service does not answer", "service", addr, "error", err)
				}
				httpapi.WriteError(w, r, log, away(err))
			}}
	}
	bookings, seats, ticketing := to(b.Bookings), to(b.Seats), to(b.Ticketing)
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

// away is what a caller is told while a service restarts. Whether it had begun
// on the request nobody knows.
func away(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return domain.Refuse(domain.Invalid, "body_unreadable", "the body ended early")
	}
	return domain.Refuse(domain.Unavailable, "unavailable", "the service does not answer at present; try again")
}
