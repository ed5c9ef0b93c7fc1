package booking_test

import (
	"errors"
	"testing"

	"github.com/onsale-tickets/onsale/usecase/booking"
)

func TestResendAllPorts(t *testing.T) {
	known, caughtUp := true, true
	start := func(p ports) *booking.ResendAll {
		known, caughtUp = true, true
		return booking.NewResendAll(booking.NewResend(p.catalogue, p.unanswered, p.publisher, booking.NewRequests(p.catalogue, p.publisher), p.wakes), p.unanswered, func() bool { return known }, func() bool { return caughtUp })
	}
	t.Run("makes all due once, then sends what is due", func(t *testing.T) {
		p := mocks(t)
		h := start(p)
		all := p.unanswered.EXPECT().AllDue(anyArg)
		p.unanswered.EXPECT().ClaimUnanswered(anyArg, anyArg).Times(2).After(all)
		for range 2 {
			if err := h.Handle(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("waits for the catalogue as long as it takes", func(t *testing.T) {
		h := start(mocks(t))
		known = false
		for range 30 {
			if err := h.Handle(t.Context()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("waits for the answers for ten calls at most", func(t *testing.T) {
		p := mocks(t)
		h := start(p)
		caughtUp = false
		for range 10 {
			if err := h.Handle(t.Context()); err != nil {
				t.Error(err)
			}
		}
		p.unanswered.EXPECT().AllDue(anyArg)
		p.unanswered.EXPECT().ClaimUnanswered(anyArg, anyArg)
		if err := h.Handle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("sends nothing before all is due, and tries that again", func(t *testing.T) {
		p := mocks(t)
		h := start(p)
		p.unanswered.EXPECT().AllDue(anyArg).Return(errDown).Times(2)
		for range 2 {
			if err := h.Handle(t.Context()); !errors.Is(err, errDown) {
				t.Error(err)
			}
		}
	})
}
