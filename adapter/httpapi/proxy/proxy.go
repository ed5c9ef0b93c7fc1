// Package proxy is the front of an installation: one address that passes each
// request to the service that owns its route.
package proxy

import (
	"context"
	"errors"
	"io"
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

// Backends has the addresses (host:port) of the servers of each service.
type Backends struct {
	Bookings, Seats, Ticketing []string
}

// New returns the proxy. home serves all paths that are not part of the API.
func New(b Backends, home http.Handler, log *slog.Logger) http.Handler {
	to := func(service string, servers []string) http.Handler {
		target := &url.URL{Scheme: "http", Host: service}
		return readable(&httputil.ReverseProxy{Transport: transport(servers), FlushInterval: -1,
			ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(target)
				r.Out.Host = r.In.Host
				r.SetXForwarded()
			},
			ErrorHandler: func(w http.ResponseWriter, r *http.Request, err error) {
				refusal := refuse(r)
				if refusal == errAway && r.Context().Err() == nil {
					log.Warn("service does not respond", "service", service, "error", err)
				}
				httpapi.WriteError(w, r, log, refusal)
			}})
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

// transport connects to the servers of a service in turn. If a server does not
// take the connection, it tries the next one: nothing was sent by then.
func transport(servers []string) *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.Proxy = nil
	t.MaxIdleConnsPerHost = 512
	t.ResponseHeaderTimeout = 60 * time.Second
	t.DisableCompression = true // responses are passed on as they are
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

// unreadable is the key of the record whether a client's body could not be read.
type unreadable struct{}

// readable cuts a body that is over the limit of its route, and records whether
// the client's body can be read: a transport returns the same kind of error for a bad
// body and for a service that does not respond.
//
// The service gets one byte more than it takes. So it refuses the body in its own
// order, after the session and the role, and has read all of it when it closes the
// connection. If it closed in the middle of a long body, the transport would often
// report the failed write and lose the response.
func readable(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Body != http.NoBody {
			limit := httpapi.BodyLimit(r)
			var failed atomic.Bool
			r = r.WithContext(context.WithValue(r.Context(), unreadable{}, &failed))
			r.Body = body{io.LimitReader(r.Body, limit+1), r.Body, &failed}
			if r.ContentLength > limit {
				r.ContentLength = -1 // it ends earlier than announced
				r.Header.Del("Content-Length")
			}
		}
		next.ServeHTTP(w, r)
	})
}

// body is a client's body.
type body struct {
	io.Reader
	io.Closer
	failed *atomic.Bool
}

func (b body) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, http.ErrBodyReadAfterClose) {
		b.failed.Store(true)
	}
	return n, err
}

// errAway is the refusal while a service restarts. Nobody knows whether it had
// started to work on the request.
var errAway = domain.Refuse(domain.Unavailable, "unavailable", "the service does not respond at present; try again")

// refuse returns what a client is told about a request that could not be passed
// on.
func refuse(r *http.Request) error {
	if failed, ok := r.Context().Value(unreadable{}).(*atomic.Bool); ok && failed.Load() {
		return httpapi.UnreadableBody
	}
	return errAway
}
