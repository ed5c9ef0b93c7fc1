package bench

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Bounds of one outage.
const (
	sellLimit = time.Minute           // a section that sells nothing for longer fails the benchmark
	askEvery  = 10 * time.Millisecond // how often the probe is asked
)

// Ending is how a server ends.
type Ending string

// The two ways in which a server ends.
const (
	Killed     Ending = "killed"     // by force
	Terminated Ending = "terminated" // in order
)

// FailoverInput says which servers end, and how often.
type FailoverInput struct {
	Rounds  int
	Servers []string // each has a second server that takes over
	OnRound func(Outage)
}

// Outage is one end of a server.
type Outage struct {
	Round  int // from 1
	Server string
	Ending Ending
	Took   time.Duration // until every section sold again
}

// FailoverFigures are the longest outages by server.
type FailoverFigures struct {
	Rounds             int
	Killed, Terminated map[string]time.Duration
}

// Failover ends one of two servers while a buyer of each section books at the
// other.
type Failover struct {
	events  port.BenchEvents
	tokens  port.Tokens
	prober  port.Prober
	servers port.Servers
}

// NewFailover returns the use case.
func NewFailover(e port.BenchEvents, t port.Tokens, p port.Prober, s port.Servers) *Failover {
	return &Failover{e, t, p, s}
}

// Handle ends each server in both ways, in.Rounds times, and returns the longest
// outages.
func (f *Failover) Handle(ctx context.Context, in FailoverInput) (FailoverFigures, error) {
	figures := FailoverFigures{Rounds: in.Rounds, Killed: map[string]time.Duration{}, Terminated: map[string]time.Duration{}}
	event, err := f.events.Create(ctx, port.Hall{Sections: tenSections, Seats: 50_000, Rows: 20, SeatsPerRow: 25})
	if err != nil {
		return figures, err
	}
	tokens, err := buyers(f.tokens, event, 1, time.Now())
	if err != nil {
		return figures, err
	}
	stop := f.prober.Start(ctx, event, sections(tenSections), tokens[0])
	defer stop()
	for round := range in.Rounds {
		for _, server := range in.Servers {
			for ending, longest := range map[Ending]map[string]time.Duration{Killed: figures.Killed, Terminated: figures.Terminated} {
				took, err := f.outage(ctx, server, ending)
				if err != nil {
					return figures, err
				}
				in.OnRound(Outage{round + 1, server, ending, took})
				longest[server] = max(longest[server], took)
			}
		}
	}
	return figures, nil
}

// outage ends a server, waits until all sections sell, and starts it again.
func (f *Failover) outage(ctx context.Context, server string, ending Ending) (time.Duration, error) {
	if _, err := f.sells(ctx, time.Now()); err != nil { // as it should before
		return 0, err
	}
	began := time.Now()
	if ending == Killed {
		f.servers.Kill(server)
	} else {
		f.servers.Terminate(server)
	}
	took, err := f.sells(ctx, began)
	if err != nil {
		return 0, fmt.Errorf("%s %s: %w", server, ending, err)
	}
	return took, f.servers.Restart(ctx, server)
}

// sells blocks until each section has answered a request that was sent after
// since. It returns how long that took.
func (f *Failover) sells(ctx context.Context, since time.Time) (time.Duration, error) {
	ctx, cancel := context.WithTimeout(ctx, sellLimit)
	defer cancel()
	tick := time.NewTicker(askEvery)
	defer tick.Stop()
	for {
		if took, all := f.prober.Outage(since); all {
			return took, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return 0, fmt.Errorf("a section sold nothing for %s: %w", sellLimit, ctx.Err())
		}
	}
}
