package onsale

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/onsale-tickets/onsale/adapter/httpapi/client"
	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
)

type sellout struct {
	Seats    int `env:"ONSALE_BENCH_SEATS" default:"50000" help:"Seats of the event, a multiple of 1,000."`
	Sections int `env:"ONSALE_BENCH_SECTIONS" default:"10" help:"Sections, each as large as the others."`
	Clients  int `env:"ONSALE_BENCH_CLIENTS" default:"256" help:"Clients in a closed loop."`
	Buyers   int `env:"ONSALE_BENCH_BUYERS" default:"1000" help:"Buyers, each with a stream of bookings of their own."`
	Servers  int `env:"ONSALE_BENCH_SERVERS" default:"1" help:"Servers of each service: 1 or 2."`
	benchFlags
}

// Validate refuses nonsense.
func (s sellout) Validate() error {
	switch {
	case s.Sections < 1 || s.Sections > 26:
		return fmt.Errorf("--sections %d: from 1 to 26", s.Sections)
	case s.Seats < 1000 || s.Seats > 100_000 || s.Seats%(s.Sections*100) != 0:
		return fmt.Errorf("--seats %d: from 1,000 to 100,000, and 100 times the sections a whole number of times", s.Seats)
	case s.Clients < 1 || s.Clients > 10_000 || s.Buyers < 1 || s.Buyers > 10_000:
		return errors.New("--clients and --buyers: from 1 to 10,000")
	}
	if err := validServers(s.Servers); err != nil {
		return err
	}
	return s.brokerFlags.Validate()
}

// selloutFigures are what is quoted.
type selloutFigures struct {
	origin
	Seats       int     `json:"seats"`
	Bookings    int     `json:"bookings"`
	Held        int     `json:"held"`
	Refused     int     `json:"refused"`
	Elapsed     float64 `json:"elapsed_s"`
	AcceptedIn  float64 `json:"accepted_in_s"`
	AnsweredIn  float64 `json:"answered_in_s"`
	Rate        float64 `json:"bookings_per_s"`
	CPU         float64 `json:"cpu_us_per_booking"`
	CPUServices float64 `json:"cpu_us_per_booking_without_load"`
	// CPUBy is the processor time by process, the load among them.
	CPUBy      map[string]float64 `json:"cpu_us_per_booking_by_process"`
	AcceptP50  float64            `json:"accept_p50_ms"`
	AcceptP99  float64            `json:"accept_p99_ms"`
	Violations int                `json:"violations"`
}

// Run sells out.
func (s sellout) Run(ctx context.Context) error {
	var f selloutFigures
	violations, err := s.run(ctx, s.Servers, time.Hour, func(ctx context.Context, c supervisor.Config, in *supervisor.Installation) (err error) {
		f, err = s.measure(ctx, c, in)
		return err
	})
	if err != nil {
		return err
	}
	f.Violations = violations
	s.tell(f)
	return s.write(f, violations)
}

func (s sellout) measure(ctx context.Context, c supervisor.Config, in *supervisor.Installation) (selloutFigures, error) {
	services := in.Record().Services
	seller, err := newSeller(ctx, "http://"+services[supervisor.Ticketing].HTTP)
	if err != nil {
		return selloutFigures{}, err
	}
	event, err := seller.create(ctx, hall{sections: s.Sections, seats: s.Seats, rows: 4, perRow: 25})
	if err != nil {
		return selloutFigures{}, err
	}
	tokens, err := mint(filepath.Join(c.DataDir, "secrets", "session-key"), s.Buyers)
	if err != nil {
		return selloutFigures{}, err
	}
	load := loadgen.Sellout{Event: event, Bookings: s.Seats / 2, Seats: 2,
		Clients: s.Clients, Tokens: tokens, AllInRecords: s.sold(services, event)}
	for _, server := range in.Record().Of(supervisor.Bookings) {
		load.BookingURLs = append(load.BookingURLs, "http://"+server.HTTP)
	}
	for i := range s.Sections {
		load.Sections = append(load.Sections, string(rune('A'+i)))
	}
	progress := terminalProgress()
	bar := func(name string) *mpb.Bar {
		return progress.AddBar(int64(load.Bookings), mpb.PrependDecorators(decor.Name(name, decor.WCSyncSpaceR)), mpb.AppendDecorators(decor.CountersNoUnit("%d / %d")))
	}
	accepted, answered := bar("accepted"), bar("answered")
	load.Progress = func(a, b int) { accepted.SetCurrent(int64(a)); answered.SetCurrent(int64(b)) }

	before := cpuTimes(in.Record().Processes)
	r, err := load.Run(ctx)
	accepted.Abort(false)
	answered.Abort(false)
	progress.Wait()
	if err != nil {
		return selloutFigures{}, err
	}
	by, all := map[string]float64{}, 0.0
	for name, after := range cpuTimes(in.Record().Processes) {
		by[name] = float64((after - before[name]).Microseconds()) / float64(load.Bookings)
		all += by[name]
	}
	return selloutFigures{origin: s.origin("sellout", s.Servers), Seats: s.Seats, Bookings: load.Bookings, Held: r.Held, Refused: r.Refused,
		Elapsed: r.Elapsed.Seconds(), AcceptedIn: r.Accepted.Seconds(), AnsweredIn: r.Answered.Seconds(), Rate: float64(load.Bookings) / r.Elapsed.Seconds(),
		CPU: all, CPUServices: all - by[theLoad], CPUBy: by,
		AcceptP50: loadgen.Percentile(r.Accepts, 0.5).Seconds() * 1000, AcceptP99: loadgen.Percentile(r.Accepts, 0.99).Seconds() * 1000}, nil
}

// sold tells whether journal and tickets have no seat left.
func (s sellout) sold(services map[string]supervisor.Service, event int64) func(context.Context) (bool, error) {
	return func(ctx context.Context) (bool, error) {
		var seats client.SeatCounts
		url := fmt.Sprintf("http://%s/v1/events/%d", services[supervisor.Seats].HTTP, event)
		if err := loadgen.GetJSON(ctx, url+"/seats", &seats); err != nil {
			return false, err
		}
		for _, section := range seats.Sections {
			for _, sub := range section.Subsections {
				if sub.Available > 0 {
					return false, nil
				}
			}
		}
		var e client.Event
		url = fmt.Sprintf("http://%s/v1/events/%d", services[supervisor.Ticketing].HTTP, event)
		if err := loadgen.GetJSON(ctx, url, &e); err != nil {
			return false, err
		}
		return e.Counts.Available == 0 && e.Counts.Reserved == s.Seats, nil
	}
}

func (s sellout) tell(f selloutFigures) {
	fmt.Printf(`sell-out of %d seats, two a booking, %d clients (%s broker, %d servers of each service; %s, commit %s)
  elapsed            %8.2f s   accepted in %.2f s, answered in %.2f s
  bookings           %8.0f a second, %d held, %d refused
  processor time     %8.0f µs a booking, all processes and the load; %.0f µs without the load
  accept             %8.1f ms p50, %.1f ms p99
`, f.Seats, s.Clients, f.Broker, f.Servers, f.Machine, f.Commit, f.Elapsed, f.AcceptedIn, f.AnsweredIn, f.Rate, f.Held, f.Refused, f.CPU, f.CPUServices, f.AcceptP50, f.AcceptP99)
	for _, name := range slices.Sorted(maps.Keys(f.CPUBy)) {
		fmt.Printf("    %-26s %4.0f µs a booking\n", name, f.CPUBy[name])
	}
}
