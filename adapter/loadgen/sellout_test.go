package loadgen_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/port"
)

// fakeSale accepts every booking, tells the one buyer of all of them in a single
// long frame, and then says that all seats are reserved.
func fakeSale(t *testing.T, bookings int, perFrame func(n int) string) *httptest.Server {
	var mu sync.Mutex
	accepted, all := 0, make(chan struct{})
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/bookings", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"id":"b","status":"processing"}`)
		mu.Lock()
		defer mu.Unlock()
		if accepted++; accepted == bookings {
			close(all)
		}
	})
	mux.HandleFunc("GET /v1/bookings/stream", func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		select {
		case <-all:
		case <-r.Context().Done():
			return
		}
		_, _ = io.WriteString(w, perFrame(bookings))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	mux.HandleFunc("GET /v1/events/7/seats", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"sections":[{"name":"A","subsections":[{"number":1,"available":0,"reserved":4,"sold":0}]}]}`)
	})
	mux.HandleFunc("GET /v1/events/7", func(w http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprintf(w, `{"counts":{"available":0,"reserved":%d,"sold":0}}`, 2*bookings)
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s
}

func TestSellOut(t *testing.T) {
	const bookings = 40
	booking := `{"message":"seats_held","booking":{"id":"` + strings.Repeat("x", 500) + `"}}`
	for name, perFrame := range map[string]func(n int) string{
		"one booking a frame": func(n int) string { return strings.Repeat("event: change\ndata: "+booking+"\n\n", n) },
		"all in one frame": func(n int) string {
			return "event: changes\ndata: {\"bookings\":[" + strings.TrimSuffix(strings.Repeat(booking+",", n), ",") + "]}\n\n"
		},
	} {
		t.Run(name, func(t *testing.T) {
			sale := fakeSale(t, bookings, perFrame)
			load := loadgen.Load{BookingURLs: []string{sale.URL}, SeatsURL: sale.URL, TicketingURL: sale.URL}

			r, err := load.SellOut(t.Context(), port.SelloutOrder{Sale: port.Sale{Event: 7, Sections: []string{"A"}, SeatsEach: 2,
				BuyerTokens: []string{"token"}}, Bookings: bookings, Clients: 4, OnProgress: func(int, int) {}})

			if err != nil {
				t.Fatal(err)
			}
			if r.Held != bookings || r.Failed != 0 || r.Refused != 0 || len(r.Accepts) != bookings || r.Elapsed < r.Answered || r.Answered < r.Accepted {
				t.Errorf("result %+v", r)
			}
		})
	}
}
