package bench

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// ExpiryStormInput says how many bookings expire, and when.
type ExpiryStormInput struct {
	Seats   int
	Window  time.Duration // the installation's, to pay
	Server  string        // the only one of booking-service
	Clients int
	Buyers  int
	Steps   Steps
}

// ExpiryStormFigures say how long seats stay with bookings that are over.
type ExpiryStormFigures struct {
	Bookings int
	Ready    time.Duration // until booking-service served again
	Released time.Duration // until journal and tickets had all seats again; from the same start
}

// ExpiryStorm measures the worst moment for deadlines: booking-service was away when
// all of them passed, and comes back.
type ExpiryStorm struct {
	sellout   *Sellout
	servers   port.Servers
	available port.Availability
}

// NewExpiryStorm returns the use case.
func NewExpiryStorm(s *Sellout, servers port.Servers, a port.Availability) *ExpiryStorm {
	return &ExpiryStorm{s, servers, a}
}

// releaseLimit is how long seats may stay with bookings that are over.
const releaseLimit = 5 * time.Minute

// Handle sells out, ends booking-service until the last deadline has passed, starts
// it and waits for the seats.
func (e *ExpiryStorm) Handle(ctx context.Context, in ExpiryStormInput) (f ExpiryStormFigures, err error) {
	sold, err := soldWithin(ctx, in.Window, e.sellout, SelloutInput{Seats: in.Seats, Sections: tenSections, Clients: in.Clients, Buyers: in.Buyers,
		OnProgress: in.Steps.Step("sell-out", in.Seats/seatsEach)})
	if err != nil {
		return f, err
	}
	f.Bookings = sold.Held
	e.servers.Terminate(in.Server)
	if err := pause(ctx, in.Window+time.Second); err != nil {
		return f, err
	}
	began := time.Now()
	if err := e.servers.Restart(ctx, in.Server); err != nil {
		return f, err
	}
	f.Ready = time.Since(began)
	ctx, cancel := context.WithTimeout(ctx, releaseLimit)
	defer cancel()
	err = e.available.AwaitAvailable(ctx, sold.Event, in.Seats)
	f.Released = time.Since(began)
	return f, err
}

// soldWithin sells out. It fails if that takes longer than a payment window: then
// seats come back before the last ones are sold.
func soldWithin(ctx context.Context, window time.Duration, s *Sellout, in SelloutInput) (SelloutFigures, error) {
	within, cancel := context.WithTimeout(ctx, window)
	defer cancel()
	f, err := s.Handle(within, in)
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return f, fmt.Errorf("the sell-out took longer than the payment window of %s: sell fewer seats or choose a longer window", window)
	}
	return f, err
}
