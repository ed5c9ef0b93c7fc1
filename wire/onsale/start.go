package onsale

import (
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"

	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/domain"
)

// validServers checks --servers.
func validServers(n int) error {
	if n < 1 || n > 2 {
		return fmt.Errorf("--servers %d: must be 1 or 2", n)
	}
	return nil
}

// start starts a whole installation. If a part fails, it stops those that run.
// It sets c.Bin, unless it is set, and the broker's settings.
func start(ctx context.Context, c *supervisor.Config, b brokerFlags) (*supervisor.Installation, error) {
	err := c.CheckDir()
	if err != nil {
		return nil, err
	}
	if c.Bin == "" {
		if c.Bin, err = binaries(); err != nil {
			return nil, err
		}
	}
	if err := b.into(ctx, c); err != nil {
		return nil, err
	}
	in, err := supervisor.New(*c)
	if err != nil {
		return nil, err
	}
	if b.KafkaBrokers != "" {
		err = c.KeepExternal(b.Kafka)
	}
	if err == nil {
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

// startParts starts the stores, and of the services only those of c.Run, in a
// temporary directory. end stops them and removes the directory.
func startParts(ctx context.Context, c supervisor.Config, b brokerFlags) (in *supervisor.Installation, started supervisor.Config, end func(), err error) {
	if c.DataDir, err = os.MkdirTemp("", "onsale-bench-"); err != nil {
		return nil, c, nil, err
	}
	if in, err = start(ctx, &c, b); err != nil {
		_ = os.RemoveAll(c.DataDir)
		return nil, c, nil, err
	}
	return in, c, func() { in.Stop(); _ = os.RemoveAll(c.DataDir) }, nil
}

// newBookingID returns an id as booking-service makes them.
func newBookingID() domain.BookingID { return domain.BookingID(uuid.Must(uuid.NewV7())) }
