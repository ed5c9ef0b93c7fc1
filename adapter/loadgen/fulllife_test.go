package loadgen_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/port"
)

// lifeServer tells its one buyer of each booking. One without payment is cancelled
// at once, and every fifth payment is refused, whose booking is cancelled then.
func lifeServer(t *testing.T, pays func(n int) bool) string {
	told := make(chan string, 1000)
	tell := func(id, message string) {
		told <- fmt.Sprintf("data: {\"id\":%q,\"message\":%q}\n\n", id, message)
	}
	var bookings, payments atomic.Int64
	mux := http.NewServeMux()
	mux.HandleFunc("POST /v1/bookings", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		n := int(bookings.Add(1))
		id := fmt.Sprintf("b%d", n)
		_, _ = fmt.Fprintf(w, `{"id":%q,"status":"processing"}`, id)
		tell(id, "seats_held")
		if !pays(n) {
			tell(id, "booking_cancelled")
		}
	})
	mux.HandleFunc("POST /v1/bookings/{id}/payment", func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if string(body) != `{"card_number":"4242424242424242"}` || r.Header.Get("Authorization") != "Bearer token" {
			t.Errorf("payment %s of %s", body, r.Header.Get("Authorization"))
		}
		if payments.Add(1)%5 == 0 {
			http.Error(w, "busy", http.StatusServiceUnavailable)
			tell(r.PathValue("id"), "booking_cancelled")
			return
		}
		tell(r.PathValue("id"), "payment_succeeded_ticket_confirmed")
	})
	mux.HandleFunc("GET /v1/bookings/stream", stream(told))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

func TestFullLife(t *testing.T) {
	// With a single client the n-th booking is the n-th that is told: of 1 to 5 the
	// second, fourth and fifth are paid.
	url := lifeServer(t, func(n int) bool { return int(float64(n)*0.6) > int(float64(n-1)*0.6) })

	r, err := loadgen.Load{BookingURLs: []string{url}}.FullLife(t.Context(), port.LifeOrder{Sale: port.Sale{Event: 7, Sections: []string{"A"}, SeatsEach: 2,
		BuyerTokens: []string{"token"}}, Bookings: 50, Clients: 1, Pay: 0.6, OnProgress: func(int, int) {}})

	if err != nil {
		t.Fatal(err)
	}
	if r.Held != 50 || r.Paid != 24 || r.Cancelled != 26 || r.Unpaid != 6 || r.Refused != 0 {
		t.Errorf("result %+v", r)
	}
}

// A booking that nobody pays expires, which takes as long as a buyer has to pay.
func TestFullLifeEndsAtARefusalIfAllMustBePaid(t *testing.T) {
	url := lifeServer(t, func(int) bool { return true })

	_, err := loadgen.Load{BookingURLs: []string{url}}.FullLife(t.Context(), port.LifeOrder{Sale: port.Sale{Event: 7, Sections: []string{"A"}, SeatsEach: 2,
		BuyerTokens: []string{"token"}}, Bookings: 50, Clients: 1, Pay: 1, Strict: true, OnProgress: func(int, int) {}})

	if err == nil || !strings.Contains(err.Error(), "503 Service Unavailable: busy") {
		t.Error(err)
	}
}

// stream is a buyer's stream, which sends the frames that are told.
func stream(told <-chan string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		for {
			_ = http.NewResponseController(w).Flush()
			select {
			case frame := <-told:
				_, _ = io.WriteString(w, frame)
			case <-r.Context().Done():
				return
			}
		}
	}
}
