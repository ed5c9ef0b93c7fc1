package onsale

import (
	"context"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
)

type broker struct {
	Dir  string `env:"ONSALE_BROKER_DIR" required:"" type:"path" help:"Directory of its data."`
	Port int    `env:"ONSALE_BROKER_PORT" required:"" help:"Port on 127.0.0.1."`
}

// Run runs the broker until ctx is done.
func (b broker) Run(ctx context.Context) error {
	running, err := embeddedbroker.Start(b.Dir, b.Port)
	if err != nil {
		return err
	}
	<-ctx.Done()
	running.Close()
	return nil
}
