package main_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// fault is what happens to a process. The supervisor starts another where it
// ends; one that is paused goes on where it was, and finds out what it missed.
type fault struct {
	part  string
	what  string        // kill, restart or pause
	pause time.Duration // of pause; beyond the session of 10 s others take over
	rest  time.Duration // until the next fault
}

func (f fault) String() string {
	if f.what == "pause" {
		return fmt.Sprintf("pause %s for %s", f.part, f.pause)
	}
	return f.what + " " + f.part
}

// faults plans n of them: each kind on each service once before any a second
// time, on either server.
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

// do lets the fault happen, and waits until there is a process again.
func (in *installation) do(f fault) {
	in.t.Helper()
	switch f.what {
	case "kill":
		in.kill(f.part)
	case "restart":
		in.end(f.part, syscall.SIGTERM)
	case "pause":
		in.pause(f.part, f.pause)
	}
}

// pause stops a process where it is, for a while.
func (in *installation) pause(part string, d time.Duration) {
	in.t.Helper()
	pid := in.pid(part)
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		in.t.Errorf("stop %s (%d): %v", part, pid, err)
		return
	}
	time.Sleep(d) // the fault itself
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		in.t.Errorf("continue %s (%d): %v", part, pid, err)
	}
}

// chaosSize is how much of it there is: the short form, or with
// ONSALE_LONG_TESTS the long one.
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

// seed is that of ONSALE_SEED, or a new one; it is printed.
func seed(t *testing.T) uint64 {
	t.Helper()
	n := uint64(time.Now().UnixNano())
	if given := os.Getenv("ONSALE_SEED"); given != "" {
		var err error
		if n, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("ONSALE_SEED: %v", err)
		}
	}
	t.Logf("ONSALE_SEED=%d", n)
	return n
}

// TestChaos has buyers book, pay, cancel and let their time run out on two
// servers of each service, while the servers are killed, restarted, and stopped
// and continued in turn. Nothing that was acknowledged is lost or contradicts
// itself, and bookings work at once when the faults end.
func TestChaos(t *testing.T) {
	t.Parallel()
	size, seed := chaosOf(), seed(t)
	in := newInstallation(t, "--servers", "2", "--payment-window", "20s")
	event := in.register("seller", "seller@example.com").createEvent("Chaos")
	people := in.minted(size.buyers)
	load := in.load(event, people, seed, size.think)
	plan := faults(rand.New(rand.NewPCG(seed, 1<<32)), size.faults)
	began := time.Now()
	for n, f := range plan {
		t.Logf("%5.1f s, fault %d: %s", time.Since(began).Seconds(), n+1, f)
		in.do(f)
		if left := size.lasts - time.Since(began); size.lasts > 0 { // spread over what it lasts
			f.rest = max(f.rest, left/time.Duration(len(plan)-n))
		}
		time.Sleep(f.rest)
		if t.Failed() {
			break
		}
	}
	in.sellsEverywhere(people[0], event)
	load.end()
	in.resolved(load.told)
	in.verify()
}

// acknowledged is a booking that a buyer was told of, and what it became as far
// as the buyer knows.
type acknowledged struct {
	buyer    person
	id, told string
}

// visit books, then pays, cancels, or leaves the booking to its deadline.
func (p person) visit(event int64, key string, r *rand.Rand) acknowledged {
	none := acknowledged{}
	status, body := p.stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + r.IntN(10))),
		"seat_selection_mode": "best_available", "quantity": 1 + r.IntN(4)}, key)
	if status != http.StatusOK {
		p.in.t.Errorf("book: %d %s", status, body)
		return none
	}
	var b booking
	decode(p.in.t, body, &b)
	is := acknowledged{buyer: p, id: b.ID}
	path, ask, want := "/v1/bookings/"+b.ID+"/payment", any(map[string]any{"payment_token": "tok_ok"}), "paid"
	switch r.IntN(3) {
	case 0:
		return is
	case 1:
		path, ask, want = "/v1/bookings/"+b.ID+"/cancellation", nil, "cancelled"
	}
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); {
		status, body = p.stubborn("POST", path, ask, "")
		switch {
		case status == http.StatusOK, bytes.Contains(body, []byte("already_paid")), want == "cancelled" && bytes.Contains(body, []byte("booking_cancelled")):
			is.told = want
			return is
		case bytes.Contains(body, []byte("booking_processing")):
			time.Sleep(50 * time.Millisecond) // a buyer waits for the seats
		case slices.ContainsFunc([]string{"payment_window_over", "booking_cancelled", "booking_failed"}, func(code string) bool { return bytes.Contains(body, []byte(code)) }):
			return is // too late for the window of this test, or sold out
		default:
			p.in.t.Errorf("%s: %d %s", path, status, body)
			return is
		}
	}
	p.in.t.Errorf("booking %s has no seats within 2 min", b.ID)
	return is
}

// sellsEverywhere books in each section, soon.
func (in *installation) sellsEverywhere(p person, event int64) {
	in.t.Helper()
	began := time.Now()
	for n := range 10 {
		status, body := p.stubborn("POST", "/v1/bookings", map[string]any{"event_id": event, "section": string(rune('A' + n)),
			"seat_selection_mode": "best_available", "quantity": 1}, fmt.Sprintf("after-%d", n))
		if status != http.StatusOK {
			in.t.Errorf("book: %d %s", status, body)
			return
		}
		var b booking
		decode(in.t, body, &b)
		in.eventually("a booking in each section within 30 s", 30*time.Second-time.Since(began), func() bool {
			now := p.booking(b.ID)
			return now.Status == "pending_payment" || now.FailureReason == "sold_out"
		})
	}
	in.t.Logf("each section sells %.1f s after the last fault", time.Since(began).Seconds())
}

// resolved waits until each acknowledged booking is what its buyer was told, or
// at an end.
func (in *installation) resolved(told <-chan acknowledged) {
	in.t.Helper()
	seen, became := map[string]bool{}, map[string]int{}
	for a := range told {
		if a.id == "" {
			continue
		}
		if seen[a.id] {
			in.t.Errorf("booking %s was acknowledged to two", a.id)
		}
		seen[a.id] = true
		var b booking
		in.eventually("booking "+a.id+" is resolved", 60*time.Second, func() bool {
			b = a.buyer.booking(a.id)
			return b.Status == "paid" || b.Status == "cancelled" || b.Status == "failed"
		})
		if a.told != "" && b.Status != a.told {
			in.t.Errorf("booking %s is %s, its buyer was told %s", a.id, b.Status, a.told)
		}
		became[b.Status]++
	}
	in.t.Logf("%d bookings: %v", len(seen), became)
}
