package onsale

import (
	"context"

	"github.com/onsale-tickets/onsale/adapter/embeddedbroker"
)

type broker struct {
	Dir  string `env:"ONSALE_BROKER_DIR" required:"" type:"path" help:"Directory of its data."`
	Port int    `env:"ONSALE_BROKER_PORT" required:"" help:"Port on 127.0.0.1."`
	Most int    `name:"most-partitions" env:"ONSALE_BROKER_MOST_PARTITIONS" default:"0" help:"How many partitions may exist. Each event that was booked has 100. 0: no limit."`
}

// Run runs the broker until ctx is done.
func (b broker) Run(ctx context.Context) error {
	running, err := embeddedbroker.StartLimited(b.Dir, b.Port, b.Most)
	if err != nil {
		return err
	}
	<-ctx.Done()
	running.Close()
	return nil
}
