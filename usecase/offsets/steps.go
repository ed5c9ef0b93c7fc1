package offsets

import (
	"context"
	"errors"

	"github.com/onsale-tickets/onsale/port"
)

// Steps applies a batch as one step of apply: the effects of its messages
// together with the offsets of all of it. bury buries what is poison and returns
// the rest.
//
// If the store refuses a value of the batch for good, each record becomes a step
// of its own. The one with the bad value is buried, then its offset is stored
// without effects. Any other error ends Steps: it may be transient, and the
// membership is taken up again at the offset that is stored.
func (t *Tracker) Steps(ctx context.Context, batch []port.Delivery,
	bury func(context.Context, []port.Delivery) ([]port.Delivery, error),
	apply func(ctx context.Context, moves []port.Progress, messages []port.Delivery) error) error {
	moves, fresh, err := t.Progress(batch)
	if err != nil || len(fresh) == 0 {
		return err
	}
	messages, err := bury(ctx, fresh)
	if err != nil {
		return err
	}
	err = apply(ctx, moves, messages)
	if err == nil {
		t.Applied(moves)
	}
	if !errors.Is(err, port.ErrBadValue) {
		return err
	}
	for _, d := range fresh {
		if err := t.one(ctx, d, bury, apply); err != nil {
			return err
		}
	}
	return nil
}

// one applies one record as a step of its own.
func (t *Tracker) one(ctx context.Context, d port.Delivery,
	bury func(context.Context, []port.Delivery) ([]port.Delivery, error),
	apply func(context.Context, []port.Progress, []port.Delivery) error) error {
	move := []port.Progress{{Input: d.Input, From: d.Offset, To: d.Offset + 1}}
	var message []port.Delivery
	if d.Poison == nil { // poison was buried with the batch
		message = []port.Delivery{d}
	}
	err := apply(ctx, move, message)
	if errors.Is(err, port.ErrBadValue) && d.Poison == nil {
		d.Poison = err
		if _, err := bury(ctx, []port.Delivery{d}); err != nil {
			return err
		}
		err = apply(ctx, move, nil)
	}
	if err == nil {
		t.Applied(move)
	}
	return err
}
