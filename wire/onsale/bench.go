package onsale

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"

	"github.com/onsale-tickets/onsale/adapter/httpapi/client"
	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

type bench struct {
	Sellout sellout `cmd:"" help:"Sell a whole event at once, two seats a booking, until buyers, journal, RocksDB and PostgreSQL agree; then verify."`
}

type sellout struct {
	Seats    int    `default:"50000" help:"Seats of the event, a multiple of 1,000."`
	Sections int    `default:"10" help:"Sections, each as large as the others."`
	Clients  int    `default:"256" help:"Clients in a closed loop."`
	Buyers   int    `default:"1000" help:"Buyers, each with a stream of bookings of their own."`
	JSON     string `name:"json" type:"path" help:"Write the figures to this file as JSON."`
	brokerFlags
	Keep string `name:"data-dir" type:"path" help:"Where the installation is made, and stays; without it, it is removed afterwards."`
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
	return s.brokerFlags.Validate()
}

// figures are what is quoted.
type figures struct {
	Benchmark   string  `json:"benchmark"`
	Machine     string  `json:"machine"`
	Commit      string  `json:"commit"`
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
	dir := s.Keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "onsale-bench-"); err != nil {
			return err
		}
		defer os.RemoveAll(dir)
	}
	bin, err := binaries()
	if err != nil {
		return err
	}
	c := supervisor.Config{DataDir: dir, Bin: bin, Window: time.Hour}
	if err := s.into(&c); err != nil {
		return err
	}
	in, err := supervisor.New(c)
	if err != nil {
		return err
	}
	defer in.Stop()
	if err := keepKafka(dir, s.Kafka); err != nil {
		return err
	}
	if err := in.StartStores(ctx); err != nil {
		return err
	}
	if err := in.StartServices(ctx); err != nil {
		return err
	}
	in.Opened("")
	f, err := s.measure(ctx, c, in)
	if err != nil {
		return err
	}
	report, err := verify{DataDir: dir, Rest: time.Minute}.running(ctx, c, in.Record())
	if err != nil {
		return err
	}
	f.Violations = len(report.Violations)
	if err := s.tell(f); err != nil {
		return err
	}
	return print(os.Stdout, report)
}

func (s sellout) measure(ctx context.Context, c supervisor.Config, in *supervisor.Installation) (figures, error) {
	services := in.Record().Services
	event, err := s.event(ctx, "http://"+services[supervisor.Ticketing].HTTP)
	if err != nil {
		return figures{}, err
	}
	tokens, err := mint(filepath.Join(c.DataDir, "secrets", "session-key"), s.Buyers)
	if err != nil {
		return figures{}, err
	}
	load := loadgen.Sellout{BookingURL: "http://" + services[supervisor.Bookings].HTTP, Event: event, Bookings: s.Seats / 2, Seats: 2,
		Clients: s.Clients, Tokens: tokens, AllInRecords: s.sold(services, event)}
	for i := range s.Sections {
		load.Sections = append(load.Sections, string(rune('A'+i)))
	}
	progress := mpb.New(mpb.WithOutput(os.Stderr), mpb.WithAutoRefresh())
	if !isTerminal(os.Stderr) {
		progress = mpb.New(mpb.WithOutput(nil))
	}
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
		return figures{}, err
	}
	by, all := map[string]float64{}, 0.0
	for name, after := range cpuTimes(in.Record().Processes) {
		by[name] = float64((after - before[name]).Microseconds()) / float64(load.Bookings)
		all += by[name]
	}
	return figures{Benchmark: "sellout", Machine: machine(), Commit: commit(), Seats: s.Seats, Bookings: load.Bookings, Held: r.Held, Refused: r.Refused,
		Elapsed: r.Elapsed.Seconds(), AcceptedIn: r.Accepted.Seconds(), AnsweredIn: r.Answered.Seconds(), Rate: float64(load.Bookings) / r.Elapsed.Seconds(),
		CPU: all, CPUServices: all - by[theLoad], CPUBy: by,
		AcceptP50: loadgen.Percentile(r.Accepts, 0.5).Seconds() * 1000, AcceptP99: loadgen.Percentile(r.Accepts, 0.99).Seconds() * 1000}, nil
}

// theLoad is this process in the list of processes.
const theLoad = "load"

// cpuTimes is the processor time of each process by now.
func cpuTimes(processes map[string]int) map[string]time.Duration {
	times := map[string]time.Duration{theLoad: loadgen.OwnTime()}
	for name, pid := range processes {
		times[name] = loadgen.CPUTime(pid)
	}
	return times
}

// event makes the event that is sold.
func (s sellout) event(ctx context.Context, url string) (int64, error) {
	c, err := client.NewClientWithResponses(url)
	if err != nil {
		return 0, err
	}
	token, err := demoSession(ctx, c, "seller@bench.onsale", "The seller", client.RoleSeller)
	if err != nil {
		return 0, err
	}
	perSection := s.Seats / s.Sections
	rows, perRow := 4, 25
	event := client.NewEvent{Name: "Sell-out", VenueName: "The arena", Currency: "EUR", StartsAt: time.Now().AddDate(1, 0, 0).UTC(),
		Seating: client.NewSeating{Rows: &rows, SeatsPerRow: &perRow}}
	for i := range s.Sections {
		event.Seating.Sections = append(event.Seating.Sections, client.NewSection{Name: string(rune('A' + i)), Price: 5000,
			Subsections: json.RawMessage(strconv.Itoa(perSection / (rows * perRow)))})
	}
	made, err := c.CreateEventWithResponse(ctx, event, func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	})
	if err != nil {
		return 0, err
	}
	if made.JSON201 == nil {
		return 0, fmt.Errorf("create the event: %s %s", made.Status(), made.Body)
	}
	return made.JSON201.ID, nil
}

// mint makes sessions of buyers with the installation's key.
func mint(keyFile string, n int) ([]string, error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return nil, err
	}
	signer, err := sessiontoken.New(sessiontoken.Key(strings.TrimSpace(string(key))))
	if err != nil {
		return nil, err
	}
	tokens := make([]string, n)
	for i := range tokens {
		id := domain.UserID(1_000_000 + i)
		tokens[i], err = signer.Sign(port.Claims{Session: "bench-" + id.String(), User: id, Role: "buyer", Name: "a bench buyer",
			OpenedAt: time.Now(), ExpiresAt: time.Now().Add(time.Hour)})
		if err != nil {
			return nil, err
		}
	}
	return tokens, nil
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

func (s sellout) tell(f figures) error {
	fmt.Printf(`sell-out of %d seats, two a booking, %d clients (%s, commit %s)
  elapsed            %8.2f s   accepted in %.2f s, answered in %.2f s
  bookings           %8.0f a second, %d held, %d refused
  processor time     %8.0f µs a booking, all processes and the load; %.0f µs without the load
  accept             %8.1f ms p50, %.1f ms p99
`, f.Seats, s.Clients, f.Machine, f.Commit, f.Elapsed, f.AcceptedIn, f.AnsweredIn, f.Rate, f.Held, f.Refused, f.CPU, f.CPUServices, f.AcceptP50, f.AcceptP99)
	for _, name := range slices.Sorted(maps.Keys(f.CPUBy)) {
		fmt.Printf("    %-26s %4.0f µs a booking\n", name, f.CPUBy[name])
	}
	if s.JSON == "" {
		return nil
	}
	encoded, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(s.JSON, append(encoded, '\n'), 0o644)
}

func machine() string {
	name := "unknown processor"
	if content, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(content)) {
			if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
				name = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores", name, runtime.NumCPU())
}

func commit() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				return s.Value[:min(len(s.Value), 12)]
			}
		}
	}
	return "unknown"
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
