package process

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/ticker"
	"github.com/onsale-tickets/onsale/domain/message"
)

// Connect makes the parts of the Kafka side for a service.
func Connect(ctx context.Context, s Server, service message.Service, log *slog.Logger) (*kafkabus.Cluster, func(), error) {
	config, err := s.Kafka.Config()
	if err != nil {
		return nil, nil, err
	}
	config.ServerID, config.Service, config.Log = s.ServerID, service, log
	c, err := kafkabus.Connect(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	return c, c.Close, nil
}

// NewPublisher closes what kafkabus.NewPublisher opens.
func NewPublisher(c *kafkabus.Cluster) (*kafkabus.Publisher, func(), error) {
	p, err := kafkabus.NewPublisher(c)
	if err != nil {
		return nil, nil, err
	}
	return p, p.Close, nil
}

// Serve is the part that answers HTTP, with a span for each request where traces
// are on.
func Serve(addr string, h http.Handler) Part {
	return func(ctx context.Context) error { return httpapi.Serve(ctx, addr, traced(h)) }
}

// ServeOps is the part that answers those on call.
func ServeOps(addr string, h http.Handler) Part {
	return func(ctx context.Context) error { return httpapi.Serve(ctx, addr, h) }
}

// Repeat is the part that does a task again and again.
func Repeat(t ticker.Task, log *slog.Logger) Part {
	return func(ctx context.Context) error { return t.Run(ctx, log) }
}

// Readiness says what a service still waits for.
type Readiness []func() error

// Err is the first reason not to be ready.
func (r Readiness) Err() error {
	for _, check := range r {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Database tells whether PostgreSQL answers.
func Database(ping func() error) func() error {
	return func() error {
		if ping() != nil {
			return errors.New("PostgreSQL does not answer")
		}
		return nil
	}
}

// Read tells whether a compacted topic was read and is followed.
func Read(what string, ready func() bool) func() error {
	return func() error {
		if !ready() {
			return errors.New(what + " is not read to its end, or the broker is away")
		}
		return nil
	}
}
