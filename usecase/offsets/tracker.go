// Package offsets tracks the next offset of each input, for an Inbox that stores
// effects and offsets in one transaction.
package offsets

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Tracker implements Assigned and Revoked of such an Inbox.
type Tracker struct {
	positions func(context.Context, []port.Input) (map[port.Input]int64, error)

	mu   sync.Mutex
	next map[port.Input]int64
	ends map[port.Input]int64 // as they were when assigned; removed once reached
	ever bool                 // inputs were assigned at least once
}

// NewTracker returns a tracker that reads offsets from a store with positions.
func NewTracker(positions func(context.Context, []port.Input) (map[port.Input]int64, error)) *Tracker {
	return &Tracker{positions: positions, next: map[port.Input]int64{}, ends: map[port.Input]int64{}}
}

// Assigned returns the offsets that the store has.
func (t *Tracker) Assigned(ctx context.Context, _ domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	inputs := make([]port.Input, 0, len(ends))
	for input := range ends {
		inputs = append(inputs, input)
	}
	positions, err := t.positions(ctx, inputs)
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ever = true
	for input, next := range positions {
		t.next[input] = next
		if next < ends[input] {
			t.ends[input] = ends[input]
		}
	}
	return positions, nil
}

// Revoked removes inputs.
func (t *Tracker) Revoked(_ domain.EventID, inputs []port.Input) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, input := range inputs {
		delete(t.next, input)
		delete(t.ends, input)
	}
}

// CaughtUp reports whether this server was assigned inputs, and has read them to
// the ends that they had at that time.
func (t *Tracker) CaughtUp() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.ever && len(t.ends) == 0
}

// Progress drops deliveries that were applied before, and returns an error at a
// gap. moves must be stored together with the effects of fresh.
func (t *Tracker) Progress(batch []port.Delivery) (moves []port.Progress, fresh []port.Delivery, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := map[port.Input]int{}
	fresh = make([]port.Delivery, 0, len(batch))
	for _, d := range batch {
		i, begun := at[d.Input]
		if !begun {
			next, known := t.next[d.Input]
			if !known {
				return nil, nil, fmt.Errorf("partition %d of %s is not assigned to this server", d.Input.Partition, d.Input.Action)
			}
			i = len(moves)
			at[d.Input] = i
			moves = append(moves, port.Progress{Input: d.Input, From: next, To: next})
		}
		switch {
		case d.Offset < moves[i].To:
			continue
		case d.Offset > moves[i].To:
			return nil, nil, fmt.Errorf("%s [%d]: offset %d, expected %d", d.Input.Action, d.Input.Partition, d.Offset, moves[i].To)
		}
		moves[i].To++
		fresh = append(fresh, d)
	}
	return moves, fresh, nil
}

// Applied records that moves were stored.
func (t *Tracker) Applied(moves []port.Progress) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, p := range moves {
		t.next[p.Input] = p.To
		if end, behind := t.ends[p.Input]; behind && p.To >= end {
			delete(t.ends, p.Input)
		}
	}
}

// BuryPoison buries the deliveries that are no messages, and returns the others.
func BuryPoison(ctx context.Context, letters port.DeadLetters, batch []port.Delivery) ([]port.Delivery, error) {
	if !slices.ContainsFunc(batch, func(d port.Delivery) bool { return d.Poison != nil }) {
		return batch, nil
	}
	messages := make([]port.Delivery, 0, len(batch))
	for _, d := range batch {
		if d.Poison == nil {
			messages = append(messages, d)
			continue
		}
		err := letters.Bury(ctx, port.DeadLetter{Input: d.Input, Offset: d.Offset, Reason: d.Poison.Error(), Raw: d.Raw})
		if err != nil {
			return nil, fmt.Errorf("bury: %w", err)
		}
	}
	return messages, nil
}
