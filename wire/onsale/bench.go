package onsale

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/vbauerster/mpb/v8"

	"github.com/onsale-tickets/onsale/adapter/httpapi/client"
	"github.com/onsale-tickets/onsale/adapter/loadgen"
	"github.com/onsale-tickets/onsale/adapter/sessiontoken"
	"github.com/onsale-tickets/onsale/adapter/supervisor"
	"github.com/onsale-tickets/onsale/adapter/terminal"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

type bench struct {
	Sellout  sellout  `cmd:"" help:"Sell a whole event at once, two seats a booking, until buyers, journal, RocksDB and PostgreSQL agree; then verify."`
	Failover failover `cmd:"" help:"Kill one of two servers, and end one in order: how long until the other has its work; then verify."`
	Idle     idle     `cmd:"" help:"Many events on sale, two servers, nobody there: processor time; then verify."`
}

// benchFlags are those of every benchmark.
type benchFlags struct {
	JSON string `name:"json" env:"ONSALE_BENCH_JSON" type:"path" help:"Write the figures to this file as JSON."`
	brokerFlags
	Keep string `name:"data-dir" env:"ONSALE_BENCH_DATA_DIR" type:"path" help:"Where the installation is made, and stays; without it, it is removed afterwards."`
}

// origin is where figures come from.
type origin struct {
	Benchmark string `json:"benchmark"`
	Machine   string `json:"machine"`
	Commit    string `json:"commit"`
	Broker    string `json:"broker"`
	Servers   int    `json:"servers"`
}

func (b benchFlags) origin(name string, servers int) origin {
	broker := b.Broker
	switch {
	case b.KafkaBrokers != "":
		broker = "external"
	case broker == "":
		broker = "embedded"
	}
	return origin{name, machine(), commit(), broker, servers}
}

// run measures on an installation of its own, and verifies it: the answer is
// the number of violations, which are printed.
func (b benchFlags) run(ctx context.Context, servers int, window time.Duration, measure func(context.Context, supervisor.Config, *supervisor.Installation) error) (int, error) {
	dir := b.Keep
	if dir == "" {
		var err error
		if dir, err = os.MkdirTemp("", "onsale-bench-"); err != nil {
			return 0, err
		}
		defer os.RemoveAll(dir)
	}
	c := supervisor.Config{DataDir: dir, Servers: servers, Window: window}
	in, err := start(ctx, &c, b.brokerFlags)
	if err != nil {
		return 0, err
	}
	defer in.Stop()
	in.Opened("")
	if err := measure(ctx, c, in); err != nil {
		return 0, err
	}
	report, err := verify{DataDir: dir, Rest: time.Minute}.running(ctx, c, in.Record())
	if err != nil {
		return 0, err
	}
	_ = terminal.PrintReport(os.Stdout, report) // its error says that there are violations
	return len(report.Violations), nil
}

// write keeps figures as JSON, and fails if something was violated.
func (b benchFlags) write(figures any, violations int) error {
	if b.JSON != "" {
		encoded, err := json.MarshalIndent(figures, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(b.JSON, append(encoded, '\n'), 0o644); err != nil {
			return err
		}
	}
	if violations > 0 {
		return fmt.Errorf("%d violations", violations)
	}
	return nil
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

// hall is an event of equal sections, named A, B and so on.
type hall struct{ sections, seats, rows, perRow int }

// seller makes halls.
type seller struct {
	client *client.ClientWithResponses
	token  string
}

func newSeller(ctx context.Context, url string) (s seller, err error) {
	if s.client, err = client.NewClientWithResponses(url); err != nil {
		return s, err
	}
	s.token, err = demoSession(ctx, s.client, "seller@bench.onsale", "The seller", client.RoleSeller)
	return s, err
}

// create makes the event and answers its id.
func (s seller) create(ctx context.Context, h hall) (int64, error) {
	event := client.NewEvent{Name: "Bench", VenueName: "The arena", Currency: "EUR", StartsAt: time.Now().AddDate(1, 0, 0).UTC(),
		Seating: client.NewSeating{Rows: &h.rows, SeatsPerRow: &h.perRow}}
	for i := range h.sections {
		event.Seating.Sections = append(event.Seating.Sections, client.NewSection{Name: string(rune('A' + i)), Price: 5000,
			Subsections: json.RawMessage(strconv.Itoa(h.seats / h.sections / (h.rows * h.perRow)))})
	}
	made, err := s.client.CreateEventWithResponse(ctx, event, func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+s.token)
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

// terminalProgress shows bars, where somebody looks.
func terminalProgress() *mpb.Progress {
	if !isTerminal(os.Stderr) {
		return mpb.New(mpb.WithOutput(nil))
	}
	return mpb.New(mpb.WithOutput(os.Stderr), mpb.WithAutoRefresh())
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
