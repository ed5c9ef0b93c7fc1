package onsale

import (
	"context"
	"fmt"
	"path/filepath"
	"syscall"
	"time"

	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

type failover struct {
	Rounds int `env:"ONSALE_BENCH_ROUNDS" default:"3" help:"How often each server is killed, and ended."`
	benchFlags
}

// Validate refuses nonsense.
func (f failover) Validate() error {
	if f.Rounds < 1 || f.Rounds > 100 {
		return fmt.Errorf("--rounds %d: from 1 to 100", f.Rounds)
	}
	return f.brokerFlags.Validate()
}

// failoverFigures are what is quoted: seconds, the longest of all rounds and
// sections, from the signal to the first booking that was answered.
type failoverFigures struct {
	origin
	Rounds     int                `json:"rounds"`
	Killed     map[string]float64 `json:"killed_s"` // by service
	Ended      map[string]float64 `json:"ended_s"`
	Violations int                `json:"violations"`
}

// Run ends the first server of seat-reservation-service and of booking-service
// while a buyer of each section books at the second.
func (f failover) Run(ctx context.Context) error {
	figures := failoverFigures{origin: f.origin("failover", 2), Rounds: f.Rounds, Killed: map[string]float64{}, Ended: map[string]float64{}}
	violations, err := f.benchFlags.run(ctx, 2, time.Hour, func(ctx context.Context, c supervisor.Config, in *supervisor.Installation) error {
		return f.measure(ctx, c, in, figures)
	})
	if err != nil {
		return err
	}
	figures.Violations = violations
	fmt.Printf("failover, %d rounds (%s broker; %s, commit %s): from the signal to the first answer in the last section\n", f.Rounds, figures.Broker, figures.Machine, figures.Commit)
	for _, service := range []string{supervisor.Seats, supervisor.Bookings} {
		fmt.Printf("  %-26s killed %5.2f s   ended in order %5.2f s\n", service, figures.Killed[service], figures.Ended[service])
	}
	return f.write(figures, violations)
}

func (f failover) measure(ctx context.Context, c supervisor.Config, in *supervisor.Installation, figures failoverFigures) error {
	seller, err := newSeller(ctx, "http://"+in.Record().Of(supervisor.Ticketing)[0].HTTP)
	if err != nil {
		return err
	}
	event, err := seller.create(ctx, hall{sections: 10, seats: 50_000, rows: 20, perRow: 25})
	if err != nil {
		return err
	}
	tokens, err := mint(filepath.Join(c.DataDir, "secrets", "session-key"), 1)
	if err != nil {
		return err
	}
	probe := &loadgen.Probe{BookingURL: "http://" + in.Record().Of(supervisor.Bookings)[1].HTTP, Event: event, Token: tokens[0]}
	for i := range 10 {
		probe.Sections = append(probe.Sections, string(rune('A'+i)))
	}
	probing, stop := context.WithCancel(ctx)
	probed := make(chan struct{})
	go func() { defer close(probed); probe.Run(probing) }()
	defer func() { stop(); <-probed }()
	for round := range f.Rounds {
		for _, service := range []string{supervisor.Seats, supervisor.Bookings} {
			for signal, longest := range map[syscall.Signal]map[string]float64{syscall.SIGKILL: figures.Killed, syscall.SIGTERM: figures.Ended} {
				took, err := outage(ctx, in, probe, service, signal)
				if err != nil {
					return err
				}
				fmt.Printf("  round %d: %s of %s: %.2f s\n", round+1, signal, service, took.Seconds())
				longest[service] = max(longest[service], took.Seconds())
			}
		}
	}
	return nil
}

// outage ends a server, waits until all sections sell, and starts it again.
func outage(ctx context.Context, in *supervisor.Installation, probe *loadgen.Probe, name string, signal syscall.Signal) (time.Duration, error) {
	if err := sells(ctx, probe, time.Now()); err != nil { // as it should before
		return 0, err
	}
	began := time.Now()
	in.End(name, signal)
	if err := sells(ctx, probe, began); err != nil {
		return 0, fmt.Errorf("after %s of %s: %w", signal, name, err)
	}
	took, _ := probe.Outage(began)
	return took, in.Again(ctx, name)
}

// sells waits until each section has an answer to a wish of after a moment.
func sells(ctx context.Context, probe *loadgen.Probe, since time.Time) error {
	err := await(ctx, time.Minute, func() bool { _, all := probe.Outage(since); return all })
	if err != nil {
		return fmt.Errorf("a section does not sell within a minute: %w", err)
	}
	return nil
}
