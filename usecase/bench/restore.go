package bench

import (
	"context"
	"slices"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// RestoreInput says how much the journal holds.
type RestoreInput struct {
	Seats   int
	Rounds  int
	Server  string // the only one of seat-reservation-service
	Clients int
	Buyers  int
	Steps   Steps
}

// RestoreFigures say how long seat-reservation-service takes to fold the journal.
type RestoreFigures struct {
	Seats, Records int
	Median, Most   time.Duration // from the start of the process until it is ready
}

// Restore measures the start of a seat server that has lost its state.
type Restore struct {
	maker
	state   port.SeatState
	servers port.Servers
}

// NewRestore returns the use case.
func NewRestore(e port.BenchEvents, t port.Tokens, l port.Load, s port.SeatState, servers port.Servers) *Restore {
	return &Restore{maker{e, t, l}, s, servers}
}

// Handle sells each seat alone, which is a record when it is reserved and another
// one when it is paid. Then it removes the state and starts the server, several
// times.
func (r *Restore) Handle(ctx context.Context, in RestoreInput) (RestoreFigures, error) {
	f := RestoreFigures{Seats: in.Seats}
	sale, err := r.sale(ctx, hallFor(in.Seats), in.Buyers)
	if err != nil {
		return f, err
	}
	sale.SeatsEach = 1
	life, err := r.load.FullLife(ctx, port.LifeOrder{Sale: sale, Bookings: in.Seats, Clients: in.Clients, Pay: 1, Strict: true, OnProgress: in.Steps.Step("sale", in.Seats)})
	if err != nil {
		return f, err
	}
	f.Records = life.Held + life.Paid
	var took []time.Duration
	for range in.Rounds {
		if err := r.state.ClearSeats(); err != nil {
			return f, err
		}
		began := time.Now()
		if err := r.servers.Restart(ctx, in.Server); err != nil {
			return f, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	f.Median, f.Most = took[len(took)/2], took[len(took)-1]
	return f, nil
}
