package loadgen_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/port"
)

// The first booking of an event is processed for a while. Then it is given back, and
// its seat is available a little later.
func TestWake(t *testing.T) {
	var looks, counts atomic.Int64
	var cancelled atomic.Bool
	processed := int64(3)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/bookings", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer token" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		_, _ = fmt.Fprint(w, `{"id":"b","status":"processing"}`)
	})
	mux.HandleFunc("GET /v1/bookings/b", func(w http.ResponseWriter, _ *http.Request) {
		status := "processing"
		if looks.Add(1) >= processed {
			status = "pending_payment"
		}
		_, _ = fmt.Fprintf(w, `{"id":"b","status":%q}`, status)
	})
	mux.HandleFunc("POST /v1/bookings/b/cancellation", func(w http.ResponseWriter, _ *http.Request) {
		cancelled.Store(looks.Load() >= processed)
		_, _ = fmt.Fprint(w, `{"id":"b","status":"cancelled"}`)
	})
	available := func() int64 { return 99 + min(counts.Add(1)/4, 1) }
	var unread atomic.Bool
	mux.HandleFunc("GET /v1/events/7/seats", func(w http.ResponseWriter, _ *http.Request) {
		if unread.CompareAndSwap(false, true) { // the event has just woken
			http.Error(w, "seats_unavailable", http.StatusServiceUnavailable)
			return
		}
		_, _ = fmt.Fprintf(w, `{"sections":[{"subsections":[{"available":%d}]}]}`, available())
	})
	mux.HandleFunc("GET /v1/events/7", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"counts":{"available":%d}}`, available())
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	load := loadgen.Load{BookingURLs: []string{s.URL}, SeatsURL: s.URL, TicketingURL: s.URL, Patience: 200 * time.Millisecond}
	sale := port.Sale{Event: 7, Sections: []string{"A"}}

	if err := load.Wake(t.Context(), sale, "token", 100); err != nil || !cancelled.Load() || counts.Load() < 4 {
		t.Errorf("cancelled: %v, %d looks at the seats: %v", cancelled.Load(), counts.Load(), err)
	}
	if err := load.Wake(t.Context(), sale, "another", 100); err == nil || !strings.Contains(err.Error(), "who are you") {
		t.Errorf("a stranger: %v", err)
	}
	looks.Store(-1_000_000)
	if err := load.Wake(t.Context(), sale, "token", 100); err == nil || !strings.Contains(err.Error(), "is processed for more than 200ms") {
		t.Errorf("a booking that is never answered: %v", err)
	}
}
