package faults_test

import (
	"context"
	"encoding/json"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// A service that gets SIGTERM under load answers the requests that it has
// accepted: each booking that was answered with 200 is found afterwards.
func TestF31_SIGTERMUnderLoad(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateEvent("Drain")
	buyer := in.Minted(1)[0]
	ctx, cancel := context.WithCancel(context.Background())
	var all sync.WaitGroup
	acknowledged := make(chan string, 100_000)
	for n := range 32 {
		all.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				status, body, err := buyer.Try("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + (n+i)%10)), "seat_selection_mode": "best_available", "quantity": 1})
				var b e2e.Booking
				if err == nil && status == 200 && json.Unmarshal(body, &b) == nil {
					acknowledged <- b.ID
				}
			}
		})
	}
	for range 100 {
		<-acknowledged
	}
	pid := in.PID("booking-service")
	began := time.Now()
	if err := syscall.Kill(pid, syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	in.Eventually("the process has ended", 20*time.Second, func() bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("it took %s", took)
	}
	cancel()
	all.Wait()
	close(acknowledged)
	in.Eventually("it is back", 30*time.Second, func() bool {
		status, _, err := buyer.Try("GET", "/v1/bookings", nil)
		return err == nil && status == 200
	})
	for id := range acknowledged {
		buyer.Answered(id)
	}
	in.Verify()
}
