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
// of each service, while the servers are killed, restarted and paused in turn. No
// acknowledged booking is lost or contradicts what its buyer was told, and every
// section sells soon after the last fault.
func TestChaos(t *testing.T) {
	t.Parallel()
	size, seed := chaosOf(), e2e.Seed(t)
	in := e2e.Start(t, e2e.Apache, "--servers", "2", "--payment-window", "20s")
	event := in.Register("seller", "seller@example.com").CreateEvent("Chaos")
	people := in.Minted(size.buyers)
	load := in.Load(event, people, seed, size.think)
	plan := faults(rand.New(rand.NewPCG(seed, 1<<32)), size.faults)
	began := time.Now()
	for n, f := range plan {
		t.Logf("%5.1f s, fault %d: %s", time.Since(began).Seconds(), n+1, f)
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
	load.End()
	in.Resolved(load.Told)
	in.Verify()
}
