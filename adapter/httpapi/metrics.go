package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/onsale-tickets/onsale/port"
)

var (
	requests = promauto.NewCounterVec(prometheus.CounterOpts{Name: "onsale_http_requests_total",
		Help: "Requests answered, by route, method and status."}, []string{"route", "method", "status"})
	seconds = promauto.NewHistogramVec(prometheus.HistogramOpts{Name: "onsale_http_request_seconds",
		Help: "Time until the response was written, without streams.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10}},
		[]string{"route"})
	streams = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "onsale_http_streams", Help: "Open streams, by route."}, []string{"route"})
)

// measured measures the requests of a router under the template of their route, so
// that ids do not lead to series of their own.
func measured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		route := "none"
		if current := mux.CurrentRoute(r); current != nil {
			if template, err := current.GetPathTemplate(); err == nil {
				route = template
			}
		}
		if span := trace.SpanFromContext(r.Context()); span.IsRecording() {
			r = named(r, span, route)
		}
		began, m := time.Now(), &measuredWriter{ResponseWriter: w, status: http.StatusOK, route: route}
		defer func() {
			requests.WithLabelValues(route, r.Method, strconv.Itoa(m.status)).Inc()
			if m.stream {
				streams.WithLabelValues(route).Dec()
			} else {
				seconds.WithLabelValues(route).Observe(time.Since(began).Seconds())
			}
		}()
		next.ServeHTTP(m, r)
	})
}

// named names the span of a request after its route. The context of the returned
// request has the trace context for outgoing messages.
func named(r *http.Request, span trace.Span, route string) *http.Request {
	span.SetName(r.Method + " " + route)
	span.SetAttributes(attribute.String("http.route", route))
	carrier := propagation.MapCarrier{}
	propagation.TraceContext{}.Inject(r.Context(), carrier)
	return r.WithContext(port.WithTraceParent(r.Context(), carrier["traceparent"]))
}

// measuredWriter records the status. Streams reach the wrapped writer by Unwrap.
type measuredWriter struct {
	http.ResponseWriter
	route  string
	status int
	stream bool
}

func (m *measuredWriter) Unwrap() http.ResponseWriter { return m.ResponseWriter }

func (m *measuredWriter) WriteHeader(status int) {
	m.status = status
	if !m.stream && m.Header().Get("Content-Type") == "text/event-stream" {
		m.stream = true
		streams.WithLabelValues(m.route).Inc()
	}
	m.ResponseWriter.WriteHeader(status)
}
