package faults_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// F24: requests beyond what the service can take are refused before anything is
// stored. Accepted bookings are not lost.
func TestF24_Overload(t *testing.T) {
	t.Parallel()
	e2e.Alone(t)
	in := e2e.Start(t, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateEvent("Overload")
	people := in.Minted(4000)
	at := in.ServiceURL("booking-service")
	var accepted, refused atomic.Int64
	ids := make([]string, len(people))
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 100}, Timeout: time.Minute}
	// A service that shuts down idle connections may close one just as a request
	// arrives. A client that gets no answer repeats the request with the same key.
	ask := func(token string, key int, body string) (resp *http.Response, err error) {
		for range 5 {
			req, _ := http.NewRequest("POST", at+"/v1/bookings", strings.NewReader(body))
			req.Header.Set("Authorization", "Bearer "+token)
			req.Header.Set("Idempotency-Key", strconv.Itoa(key))
			if resp, err = client.Do(req); err == nil {
				break
			}
		}
		return resp, err
	}
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() {
			resp, err := ask(p.Token, i, fmt.Sprintf(
				`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": 1}`, event, string(rune('A'+i%10))))
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			switch resp.StatusCode {
			case 200:
				var b e2e.Booking
				if err := json.NewDecoder(resp.Body).Decode(&b); err != nil {
					t.Error(err)
				}
				ids[i] = b.ID
				accepted.Add(1)
			case 503:
				if resp.Header.Get("Retry-After") == "" {
					t.Error("503 without Retry-After")
				}
				refused.Add(1)
			default:
				t.Errorf("answered by %d", resp.StatusCode)
			}
		})
	}
	all.Wait()
	t.Logf("%d accepted, %d refused", accepted.Load(), refused.Load())
	if accepted.Load() < 200 { // a busy machine with the race detector accepts a fifth of what an idle one does
		t.Error("hardly anything was accepted")
	}
	in.Verify() // finds bookings without an answer, too
	for i, id := range ids {
		if id != "" && people[i].Booking(id).Status != "pending_payment" {
			t.Errorf("booking %s is %+v", id, people[i].Booking(id))
		}
	}
}
