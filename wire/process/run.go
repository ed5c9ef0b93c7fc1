package process

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// Part runs until its context is done.
type Part func(context.Context) error

// Run runs all parts until ctx is done or a part fails. The front takes requests and
// messages in and ends first. The back, which the front depends on, ends after it.
func Run(ctx context.Context, front, back []Part) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	rests, inner := errgroup.WithContext(inner)
	outer, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(inner, stop) // a part of the back that fails stops the front
	takes, outer := errgroup.WithContext(outer)
	for _, part := range back {
		rests.Go(func() error { return part(inner) })
	}
	for _, part := range front {
		takes.Go(func() error { return part(outer) })
	}
	err := takes.Wait()
	cancel()
	return errors.Join(err, rests.Wait())
}
