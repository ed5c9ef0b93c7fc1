package onsale

import (
	"context"
	"errors"
	"fmt"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

// validServers refuses more, or fewer, than an installation can have.
func validServers(n int) error {
	if n < 1 || n > 2 {
		return fmt.Errorf("--servers %d: 1 or 2", n)
	}
	return nil
}

// start starts an installation whole, and stops what it has started if it
// fails. It fills in the binaries and the broker.
func start(ctx context.Context, c *supervisor.Config, b brokerFlags) (*supervisor.Installation, error) {
	var err error
	if c.Bin, err = binaries(); err != nil {
		return nil, err
	}
	if err := b.into(c); err != nil {
		return nil, err
	}
	in, err := supervisor.New(*c)
	switch {
	case errors.Is(err, supervisor.ErrRunning):
		return nil, fmt.Errorf("%w; end that one first, or choose another directory with --data-dir", err)
	case errors.Is(err, supervisor.ErrOtherBroker):
		return nil, fmt.Errorf("%w; what it recorded is in that one: choose another directory with --data-dir", err)
	case err != nil:
		return nil, err
	}
	if err = keepKafka(c.DataDir, b.Kafka); err == nil {
		err = in.StartStores(ctx)
	}
	if err == nil {
		err = in.StartServices(ctx)
	}
	if err != nil {
		in.Stop()
		return nil, err
	}
	return in, nil
}
