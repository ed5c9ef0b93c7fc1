package process

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/onsale-tickets/onsale/adapter/httpapi"
	"github.com/onsale-tickets/onsale/adapter/kafkabus"
	"github.com/onsale-tickets/onsale/adapter/ticker"
	"github.com/onsale-tickets/onsale/adapter/tracing"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/rest"
)

// Connect connects a service to its Kafka cluster. The returned function closes the
// connection.
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

// NewPublisher returns a publisher and the function that closes it.
func NewPublisher(c *kafkabus.Cluster) (*kafkabus.Publisher, func(), error) {
	p, err := kafkabus.NewPublisher(c)
	if err != nil {
		return nil, nil, err
	}
	return p, p.Close, nil
}

// NewWakes returns this server's view of what is awake.
func NewWakes(s Server, c *kafkabus.Cluster, p *kafkabus.Publisher, catalogue *kafkabus.Catalogue) (*kafkabus.Wakes, error) {
	return kafkabus.NewWakes(c, p, catalogue, s.SleepAfter)
}

// NewRest returns the task that lets events fall asleep.
func NewRest(s Server, r port.Rests, i port.InputEnds, w port.Work) *rest.Rest {
	return rest.New(r, i, w, s.SleepAfter)
}

// RepeatRest returns the part that runs this task.
func RepeatRest(s Server, r *rest.Rest, log *slog.Logger) Part {
	every := max(min(s.SleepAfter/10, 10*time.Second), time.Second)
	return Repeat(ticker.Task{Name: "rest", Every: every, Do: r.Handle}, log)
}

// Serve returns the part that serves buyers and sellers. Where traces are on, each
// request has a span.
func Serve(addr string, h http.Handler) Part {
	return func(ctx context.Context) error { return httpapi.Serve(ctx, addr, tracing.Handler(h)) }
}

// ServeOps returns the part that serves the private port.
func ServeOps(addr string, h http.Handler) Part {
	return func(ctx context.Context) error { return httpapi.Serve(ctx, addr, h) }
}

// Repeat returns the part that runs a task again and again.
func Repeat(t ticker.Task, log *slog.Logger) Part {
	return func(ctx context.Context) error { return t.Run(ctx, log) }
}

// Readiness are checks that all succeed once a service is ready.
type Readiness []func() error

// Err returns the first reason not to be ready.
func (r Readiness) Err() error {
	for _, check := range r {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

// Database returns a check that PostgreSQL answers.
func Database(ping func() error) func() error {
	return func() error {
		if ping() != nil {
			return errors.New("PostgreSQL does not answer")
		}
		return nil
	}
}

// Read returns a check that a compacted topic was read to its end and is followed.
func Read(what string, ready func() bool) func() error {
	return func() error {
		if !ready() {
			return errors.New(what + " has not been read to its end, or the broker does not answer")
		}
		return nil
	}
}
