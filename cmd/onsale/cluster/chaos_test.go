package cluster_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// fault is what happens to a process. The supervisor restarts one that ends. One
// that is paused continues where it was and finds out what it missed.
type fault struct {
	part  string
	what  string        // kill, restart or pause
	pause time.Duration // of a pause; after 10 s, the length of a session, other servers take over
	rest  time.Duration // until the next fault
}

func (f fault) String() string {
	if f.what == "pause" {
		return fmt.Sprintf("pause %s for %s", f.part, f.pause)
	}
	return f.what + " " + f.part
}

// faults plans n faults, on either server: each kind on each service once before
// any comes again.
func faults(r *rand.Rand, n int) []fault {
	var plan []fault
	for len(plan) < n {
		var round []fault
		for _, service := range []string{"seat-reservation-service", "booking-service", "event-ticketing-service"} {
			for _, what := range []string{"kill", "restart", "pause"} {
				f := fault{part: service, what: what, rest: time.Duration(500+r.IntN(3500)) * time.Millisecond}
				if r.IntN(2) == 1 {
					f.part += "-2"
				}
				if what == "pause" {
					f.pause = time.Duration(1+r.IntN(14)) * time.Second
				}
				round = append(round, f)
			}
		}
		r.Shuffle(len(round), func(i, j int) { round[i], round[j] = round[j], round[i] })
		plan = append(plan, round...)
	}
	return plan[:n]
}

// strike makes the fault happen and waits until the process runs again.
func strike(in *e2e.Installation, f fault) {
	in.T.Helper()
	switch f.what {
	case "kill":
		in.Kill(f.part)
	case "restart":
		in.End(f.part, syscall.SIGTERM)
	case "pause":
		in.Pause(f.part, f.pause)
	}
}

// chaosSize is the size of the test: short, or long with ONSALE_LONG_TESTS.
type chaosSize struct {
	faults, buyers int
	lasts          time.Duration // at least
	think          time.Duration // of a buyer between two bookings, at most
}

func chaosOf() chaosSize {
	if os.Getenv("ONSALE_LONG_TESTS") != "" {
		return chaosSize{faults: 40, buyers: 500, lasts: 5 * time.Minute, think: 10 * time.Second}
	}
	return chaosSize{faults: 9, buyers: 100, think: 8 * time.Second}
}

// TestChaos lets buyers book, pay, cancel and let bookings expire on two servers
// of each service, while the servers are killed, restarted and paused in turn. Beside
// the crowded event there are four that one buyer visits every half minute or so. They
// get their topics at the first visit, and fall asleep between two visits that lie far
// enough apart. No acknowledged booking is lost
// or contradicts what its buyer was told, and every section sells soon after the last
// fault.
func TestChaos(t *testing.T) {
	t.Parallel()
	e2e.Alone(t)
	size, seed := chaosOf(), e2e.Seed(t)
	in := e2e.Start(t, e2e.Apache, "--servers", "2", "--payment-window", "20s", "--sleep-after", "15s")
	seller := in.Register("seller", "seller@example.com")
	event := seller.CreateEvent("Chaos")
	people := in.Minted(size.buyers + 4)
	loads := []e2e.Load{in.Load(event, people[:size.buyers], seed, size.think)}
	for i := range people[size.buyers:] {
		loads = append(loads, in.Load(quiet(seller), people[size.buyers+i:][:1], seed+uint64(i), time.Minute))
	}
	plan := faults(rand.New(rand.NewPCG(seed, 1<<32)), size.faults)
	began := time.Now()
	for n, f := range plan {
		t.Logf("%5.1f s, fault %d: %s, with %v awake", time.Since(began).Seconds(), n+1, f, in.Metric("event-ticketing-service", "onsale_events_awake"))
		strike(in, f)
		if left := size.lasts - time.Since(began); size.lasts > 0 { // spread over the whole time
			f.rest = max(f.rest, left/time.Duration(len(plan)-n))
		}
		time.Sleep(f.rest)
		if t.Failed() {
			break
		}
	}
	in.SellsEverywhere(people[0], event, "after")
	for _, load := range loads {
		load.End()
		in.Resolved(load.Told)
	}
	in.Verify()
}

// quiet creates an event of ten sections with 50 seats each.
func quiet(seller e2e.Person) int64 {
	seller.In.T.Helper()
	sections := make([]map[string]any, 10)
	for i := range sections {
		sections[i] = map[string]any{"name": string(rune('A' + i)), "price": 200000, "subsections": 1}
	}
	return seller.Opened(seller.Call("POST", "/v1/events", map[string]any{"name": "Quiet", "venue_name": "The hall", "starts_at": "2100-01-01T19:30:00Z", "currency": "TWD",
		"seating": map[string]any{"rows": 5, "seats_per_row": 10, "sections": sections}}))
}
