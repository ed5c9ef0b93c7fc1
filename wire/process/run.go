package process

import (
	"context"
	"errors"

	"golang.org/x/sync/errgroup"
)

// Part works until its context is done.
type Part func(context.Context) error

// Run works until ctx is done or a part fails. The front (what takes requests
// and messages in) ends first, what it rests on afterwards.
func Run(ctx context.Context, front, back []Part) error {
	inner, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	rests, inner := errgroup.WithContext(inner)
	outer, stop := context.WithCancel(ctx)
	defer stop()
	context.AfterFunc(inner, stop) // what fails inside ends the rest
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
