package loadgen_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/port"
)

// Every third booking is refused, and the stream tells of each accepted one before
// the request is answered, or after it, alone or with another.
func TestPaced(t *testing.T) {
	told := make(chan string, 1000)
	var requests atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/bookings", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n := requests.Add(1)
		change := fmt.Sprintf(`{"id":"b%d","message":"seats_held"}`, n)
		switch n % 3 {
		case 0:
			http.Error(w, "busy", http.StatusServiceUnavailable)
			return
		case 1:
			told <- "event: change\ndata: " + change + "\n\n"
			_, _ = fmt.Fprintf(w, `{"id":"b%d","status":"processing"}`, n)
		case 2:
			_, _ = fmt.Fprintf(w, `{"id":"b%d","status":"processing"}`, n)
			told <- "event: changes\ndata: {\"bookings\":[" + change + `,{"id":"other","message":"booking_cancelled"}]}` + "\n\n"
		}
	})
	mux.HandleFunc("GET /v1/bookings/stream", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "event: snapshot\ndata: {\"bookings\":[]}\n\n")
		stream(told)(w, r)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	measured := 0
	order := port.PacedOrder{Sale: port.Sale{Event: 7, Sections: []string{"A"}, SeatsEach: 2, BuyerTokens: []string{"token"}},
		Rate: 300, WarmUp: 100 * time.Millisecond, For: 200 * time.Millisecond, Clients: 8,
		OnMeasure: func() { measured = int(requests.Load()) }, OnProgress: func(int, int) {}}

	r, err := loadgen.Load{BookingURLs: []string{s.URL}}.Paced(t.Context(), order)

	if err != nil {
		t.Fatal(err)
	}
	// A slow machine sends fewer than the 90 that are due.
	if sent := int(requests.Load()); sent > 90 || measured > 30 || r.Bookings != sent-30 || r.Held+r.Refused != r.Bookings || r.Refused < r.Bookings/3-1 ||
		len(r.Accepts) != r.Bookings || len(r.Pendings) != r.Held {
		t.Errorf("%d requests, %d before the measurement: %+v", requests.Load(), measured, r)
	}
}

// A frame that is no JSON fails the load: what it says is unknown.
func TestPacedFailsAtAStrangeFrame(t *testing.T) {
	sale := fakeSale(t, 1, func(int) string { return "data: {\n\n" })

	_, err := loadgen.Load{BookingURLs: []string{sale.URL}}.Paced(t.Context(), port.PacedOrder{Sale: port.Sale{Sections: []string{"A"}, BuyerTokens: []string{"token"}},
		Rate: 100, For: 50 * time.Millisecond, Clients: 1, OnMeasure: func() {}, OnProgress: func(int, int) {}})

	if err == nil || !strings.Contains(err.Error(), "not understood") {
		t.Error(err)
	}
}
