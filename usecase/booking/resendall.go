package booking

import (
	"context"

	"github.com/onsale-tickets/onsale/port"
)

// maxWait is how many calls ResendAll waits for the answers that are there. By
// then, at one call a second, requests become due by themselves.
const maxWait = 10

// ResendAll is Resend for a server that starts. Once it has read the answers that
// are there, it sends every request that has none: a crash may have lost it.
type ResendAll struct {
	resend     *Resend
	unanswered port.UnansweredBookings
	known      func() bool // the catalogue is read
	caughtUp   func() bool // the answers are read to the end they had at the start

	calls int
	begun bool
}

// NewResendAll binds the ports.
func NewResendAll(r *Resend, u port.UnansweredBookings, known, caughtUp func() bool) *ResendAll {
	return &ResendAll{resend: r, unanswered: u, known: known, caughtUp: caughtUp}
}

// Handle is called once a second. It must not be called concurrently.
func (h *ResendAll) Handle(ctx context.Context) error {
	if !h.begun {
		h.calls++
		if !h.known() || !h.caughtUp() && h.calls <= maxWait {
			return nil
		}
		if err := h.unanswered.AllDue(ctx); err != nil {
			return err
		}
		h.begun = true
	}
	return h.resend.Handle(ctx)
}
