package api_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

func TestF22_OneKey64Times(t *testing.T) {
	t.Parallel()
	in := e2e.Shared(t)
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	post := func(body string) (int, []byte) {
		req, _ := http.NewRequest("POST", in.URL("/v1/bookings"), strings.NewReader(body))
		req.Header.Set("Idempotency-Key", "one")
		status, _, answer, err := buyer.Do(req)
		if err != nil {
			t.Error(err)
		}
		return status, answer
	}
	body := fmt.Sprintf(`{"event_id": %d, "section": "A", "seat_selection_mode": "best_available", "quantity": 2}`, event)
	answers := make([][]byte, 64)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() {
			status, answer := post(body)
			if status != 200 {
				t.Errorf("%d %s", status, answer)
			}
			answers[i] = answer
		})
	}
	all.Wait()
	var b e2e.Booking
	e2e.Decode(t, answers[0], &b)
	buyer.Answered(b.ID)
	_, after := post(body) // and once more after the seats are held
	for _, answer := range append(answers, after) {
		if !bytes.Equal(answer, answers[0]) {
			t.Fatalf("%s\n%s", answer, answers[0])
		}
	}
	if status, answer := post(strings.Replace(body, "2}", "3}", 1)); status != 422 || !bytes.Contains(answer, []byte("idempotency_key_reused")) {
		t.Errorf("another body: %d %s", status, answer)
	}
	if status, _ := post(strings.Replace(body, "2}", "99}", 1)); status != 400 {
		t.Errorf("a bad body: %d", status)
	}
}
