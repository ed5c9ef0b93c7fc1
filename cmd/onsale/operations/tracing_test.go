package operations_test

import (
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// spans collects OpenTelemetry spans as "service: name", by trace.
type spans struct {
	mu sync.Mutex
	of map[string]map[string]bool
}

func (s *spans) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	var sent collector.ExportTraceServiceRequest
	if err != nil || proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range sent.ResourceSpans {
		service := "?"
		for _, a := range resource.Resource.Attributes {
			if a.Key == "service.name" {
				service = a.Value.GetStringValue()
			}
		}
		for _, scope := range resource.ScopeSpans {
			for _, span := range scope.Spans {
				trace := hex.EncodeToString(span.TraceId)
				if s.of[trace] == nil {
					s.of[trace] = map[string]bool{}
				}
				s.of[trace][service+": "+span.Name] = true
			}
		}
	}
}

// missing returns the wanted spans that a trace does not have yet.
func (s *spans) missing(trace string, want []string) (none []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range want {
		found := false
		for has := range s.of[trace] {
			found = found || strings.HasPrefix(has, name)
		}
		if !found {
			none = append(none, name)
		}
	}
	return none
}

// A booking is one trace, from the request through Kafka to PostgreSQL.
func TestTraces(t *testing.T) {
	got := &spans{of: map[string]map[string]bool{}}
	server := httptest.NewServer(got)
	t.Cleanup(server.Close)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
	in := e2e.Start(t, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	req, _ := http.NewRequest("POST", in.URL("/v1/bookings"), strings.NewReader(fmt.Sprintf(
		`{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}`, event)))
	req.Header.Set("traceparent", "00-"+trace+"-00f067aa0ba902b7-01")
	status, _, body, err := buyer.Do(req)
	if err != nil || status != http.StatusOK {
		t.Fatalf("%d %s %v", status, body, err)
	}
	var b e2e.Booking
	e2e.Decode(t, body, &b)
	if buyer.Answered(b.ID).Status != "pending_payment" {
		t.Fatal("no seats")
	}
	want := []string{
		"booking-service: POST /v1/bookings",
		"booking-service: accept bookings",
		"booking-service: INSERT",
		"booking-service: send TicketReservedRequest",
		"seat-reservation-service: process TicketReservedRequest",
		"seat-reservation-service: send BookingUpdatedToPendingPayment",
		"seat-reservation-service: send SeatUpdatedToReserved",
		"booking-service: process BookingUpdatedToPendingPayment",
		"event-ticketing-service: process SeatUpdatedToReserved",
		"booking-service: UPDATE",
		"event-ticketing-service: UPDATE",
	}
	var missing []string
	defer func() {
		if t.Failed() {
			t.Logf("without %q: %v", missing, got.of[trace])
		}
	}()
	in.Eventually("the trace is whole", 30*time.Second, func() bool {
		missing = got.missing(trace, want)
		return len(missing) == 0
	})
}
