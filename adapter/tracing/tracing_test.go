package tracing_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"go.opentelemetry.io/otel"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"

	"github.com/onsale-tickets/onsale/adapter/tracing"
)

// A stream lasts for hours; a span that long would hold memory and say nothing.
func TestHandler(t *testing.T) {
	for name, c := range map[string]struct {
		endpoint, path string
		want           int
	}{
		"a request has a span":         {"http://127.0.0.1:4318", "/v1/bookings", 1},
		"a stream has none":            {"http://127.0.0.1:4318", "/v1/bookings/stream", 0},
		"without an endpoint none has": {"", "/v1/bookings", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", c.endpoint)
			t.Setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "")
			spans := tracetest.NewSpanRecorder()
			before := otel.GetTracerProvider()
			otel.SetTracerProvider(sdk.NewTracerProvider(sdk.WithSpanProcessor(spans)))
			defer otel.SetTracerProvider(before)
			traced := false
			h := tracing.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				traced = trace.SpanContextFromContext(r.Context()).IsValid()
			}))

			h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, c.path, nil))

			if got := len(spans.Ended()); got != c.want || traced != (c.want == 1) {
				t.Errorf("%d spans, want %d; the request is traced: %t", got, c.want, traced)
			}
		})
	}
}
