package cluster_test

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// A server is stopped for longer than its session and continued, like a machine
// that was frozen. By then the other server has taken over. Whatever the first
// server still believes to own, has read or was about to write has no effect, or
// the same effect.
func TestZombies(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Apache, "--servers", "2", "--payment-window", "5s")
	event := in.Register("seller", "seller@example.com").CreateEvent("Zombies")
	people := in.Minted(40)
	for i, role := range []struct{ name, service string }{
		{"F6 and F7, the owner of partitions", "seat-reservation-service"},
		{"F10 and F20, the consumer of answers, relay, expiry and capture", "booking-service"},
		{"F10 and F20, the consumer of tickets, and its relay", "event-ticketing-service"},
	} {
		t.Run(role.name, func(t *testing.T) {
			load := in.Load(event, people, uint64(i), e2e.Thinks)
			load.Begun(in)
			pid := in.PID(role.service)
			if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
				t.Fatal(err)
			}
			awake := people[0]
			awake.At = in.ServiceURL("booking-service-2")
			awake.PaysEverywhere(event, fmt.Sprintf("zombie-%d", i)) // the other server owns its partitions
			if role.service == "event-ticketing-service" {
				in.Eventually("the other server has all tickets up to date", time.Minute, func() bool { return in.Lag("event-ticketing-service-2") == 0 })
			}
			if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
				t.Fatal(err)
			}
			in.Eventually("the zombie finds its place again", time.Minute, func() bool { return in.Ready(role.service) })
			load.End()
			in.Resolved(load.Told)
			in.Verify()
			t.Logf("records skipped: %v and %v", in.Metric("seat-reservation-service", "onsale_journal_skipped_total"),
				in.Metric("seat-reservation-service-2", "onsale_journal_skipped_total"))
		})
		if t.Failed() {
			return
		}
	}
}
