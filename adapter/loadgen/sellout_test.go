package loadgen_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

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

// An event of which a seat is not sold would never be sold out.
func TestSellOutEndsWithoutTheEvent(t *testing.T) {
	for name, c := range map[string]struct{ answer, frame, want string }{
		"when a request is refused":  {"", "", `503 Service Unavailable: {"code":"overloaded"}`},
		"when a buyer gets no seats": {`{"status":"processing"}`, `{"message":"no_seats"}`, "no seats"},
		"when a buyer is never told": {`{"status":"processing"}`, `{"bookings":[]}`, "nothing happened for 100ms: 4 bookings were accepted, and the buyers of 0 were told"},
		"when seats stay available":  {`{"status":"processing"}`, `{"message":"seats_held"}`, "2 seats are available in the journal and 2 in the records, not 0"},
	} {
		t.Run(name, func(t *testing.T) {
			mux := http.NewServeMux()
			told := make(chan string, 100)
			mux.HandleFunc("POST /v1/bookings", func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if c.answer == "" {
					w.WriteHeader(http.StatusServiceUnavailable)
					_, _ = io.WriteString(w, `{"code":"overloaded"}`)
					return
				}
				_, _ = io.WriteString(w, c.answer)
				told <- "data: " + c.frame + "\n\n"
			})
			mux.HandleFunc("GET /v1/bookings/stream", stream(told))
			mux.HandleFunc("GET /v1/events/7/seats", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"sections":[{"name":"A","subsections":[{"available":2}]}]}`)
			})
			mux.HandleFunc("GET /v1/events/7", func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, `{"counts":{"available":2}}`)
			})
			s := httptest.NewServer(mux)
			t.Cleanup(s.Close)
			load := loadgen.Load{BookingURLs: []string{s.URL}, SeatsURL: s.URL, TicketingURL: s.URL, Patience: 100 * time.Millisecond}

			_, err := load.SellOut(t.Context(), port.SelloutOrder{Sale: port.Sale{Event: 7, Sections: []string{"A"}, SeatsEach: 2,
				BuyerTokens: []string{"token"}}, Bookings: 4, Clients: 2, OnProgress: func(int, int) {}})

			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %s", err, c.want)
			}
		})
	}
}
