package audit

import (
	"context"
	"fmt"
)

// keys checks that idempotency keys were used once (I12).
func (a *auditor) keys(ctx context.Context) error {
	n, err := a.Bookings.KeysUsedTwice(ctx)
	if err != nil {
		return fmt.Errorf("idempotency keys: %w", err)
	}
	if n > 0 {
		a.report.violate("I12", "%d idempotency keys have more than one booking", n)
	}
	return nil
}

// What a process may hold at rest: for itself, for each event (followers and
// memberships) and for each open stream. Something that leaks with each booking
// exceeds it after some hundred bookings.
const (
	baseHeld   = 400
	eventHeld  = 40
	streamHeld = 6
)

// processes checks that no process holds more than it needs (I16).
func (a *auditor) processes(events int) {
	for _, p := range a.Processes {
		most := baseHeld + eventHeld*events + streamHeld*p.OpenStreams
		if p.Goroutines > most || p.Files > most {
			a.report.violate("I16", "%s holds %d goroutines and %d files, with %d events and %d open streams", p.Name, p.Goroutines, p.Files, events, p.OpenStreams)
		}
	}
}
