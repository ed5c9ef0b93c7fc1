// Package rest lets events fall asleep.
package rest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Rest lets a service rest about events that nobody needs.
type Rest struct {
	rests      port.Rests
	inputs     port.InputEnds
	work       port.Work
	sleepAfter time.Duration // from the last wake-up
}

// New binds the ports.
func New(r port.Rests, i port.InputEnds, w port.Work, sleepAfter time.Duration) *Rest {
	return &Rest{r, i, w, sleepAfter}
}

// Handle looks at each event that was not woken for a while, and rests if nothing is
// left to do about it. An event that cannot be looked at does not stop the others.
func (h *Rest) Handle(ctx context.Context) error {
	tired, after := h.rests.Tired(h.sleepAfter)
	var failed error
	for _, id := range tired {
		if err := h.look(ctx, id, after); err != nil {
			failed = errors.Join(failed, fmt.Errorf("event %d: %w", id, err))
		}
	}
	return failed
}

// look asks for the ends of the inputs first. What is read after that makes the next
// look see more inputs than this one.
func (h *Rest) look(ctx context.Context, id domain.EventID, after int64) error {
	if idle, err := h.work.Idle(ctx, id); err != nil || !idle {
		return err // it spares the brokers a question
	}
	ends, err := h.inputs.InputEnds(ctx, id)
	if err != nil {
		return err
	}
	positions, err := h.work.Positions(ctx, slices.Collect(maps.Keys(ends)))
	if err != nil {
		return err
	}
	var read int64
	for input, end := range ends {
		if positions[input] < end {
			return nil
		}
		read += end
	}
	if idle, err := h.work.Idle(ctx, id); err != nil || !idle {
		return err
	}
	return h.rests.Rest(ctx, id, after, read)
}
