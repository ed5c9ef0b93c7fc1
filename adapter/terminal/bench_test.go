package terminal

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

var origin = Origin{Benchmark: "some", Machine: "a machine, 2 cores", Commit: "0123456789ab", Broker: "embedded", Servers: 2}

var paced = bench.PacedFigures{Rate: 100, Bookings: 1000, Held: 999, Refused: 1, Elapsed: 10 * time.Second, AcceptP50: time.Millisecond, AcceptP99: 2 * time.Millisecond,
	PendingP50: 3 * time.Millisecond, PendingP99: 4 * time.Millisecond}

const pacedText = `"rate_per_s":100,"bookings":1000,"held":999,"refused":1,"elapsed_s":10,"accept_p50_ms":1,"accept_p99_ms":2,"pending_p50_ms":3,"pending_p99_ms":4`

// The names in the JSON files are read by scripts that compare two versions.
func TestFiguresAsJSON(t *testing.T) {
	for name, c := range map[string]struct {
		figures Figures
		want    string
	}{
		"sellout": {selloutFigures{origin, bench.SelloutFigures{Seats: 2000, Bookings: 1000, Held: 999, Refused: 1, Elapsed: 2 * time.Second, AcceptedIn: time.Second,
			AnsweredIn: 1500 * time.Millisecond, Rate: 500, CPU: bench.CPUFigures{All: 600 * time.Microsecond,
				WithoutLoad: 500 * time.Microsecond, By: map[string]time.Duration{"load": 100 * time.Microsecond}}, AcceptP50: 4 * time.Millisecond, AcceptP99: 20 * time.Millisecond}},
			`"seats":2000,"bookings":1000,"held":999,"refused":1,"elapsed_s":2,"accepted_in_s":1,"answered_in_s":1.5,"bookings_per_s":500,` +
				`"cpu_us_per_booking":600,"cpu_us_per_booking_without_load":500,"cpu_us_per_booking_by_process":{"load":100},"accept_p50_ms":4,"accept_p99_ms":20,"violations":3}`},
		"cpu-low": {cpuLowFigures{origin, bench.CPULowFigures{PacedFigures: paced, Buyers: 10, CPU: bench.CPUFigures{All: 3 * time.Millisecond,
			WithoutLoad: 2 * time.Millisecond, By: map[string]time.Duration{"load": time.Millisecond}}}},
			`"buyers":10,` + pacedText + `,"cpu_us_per_booking":3000,"cpu_us_per_booking_without_load":2000,"cpu_us_per_booking_by_process":{"load":1000},"violations":3}`},
		"failover": {failoverFigures{origin, bench.FailoverFigures{Rounds: 3, Killed: map[string]time.Duration{"seats": 10 * time.Second}, Terminated: map[string]time.Duration{"seats": time.Second}}, nil},
			`"rounds":3,"killed_s":{"seats":10},"ended_s":{"seats":1},"violations":3}`},
		"idle": {idleFigures{origin, bench.IdleFigures{Events: 100, Watched: 30 * time.Second, Cores: 0.5, CoresBy: map[string]float64{"broker": 0.5}}},
			`"events":100,"seconds":30,"cores":0.5,"cores_by_process":{"broker":0.5},"violations":3}`},
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "figures.json")
			if err := WriteJSON(file, c.figures, 3); err != nil {
				t.Fatal(err)
			}
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var value json.RawMessage = content
			compact, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			want := `{"benchmark":"some","machine":"a machine, 2 cores","commit":"0123456789ab","broker":"embedded","servers":2,` + c.want
			if string(compact) != want {
				t.Errorf("\n%s, want\n%s", compact, want)
			}
		})
	}
}

func TestFiguresAsText(t *testing.T) {
	var out strings.Builder
	selloutFigures{origin, bench.SelloutFigures{Seats: 2000, Clients: 8, Elapsed: 2 * time.Second, Rate: 500, Held: 999, CPU: bench.CPUFigures{All: 600 * time.Microsecond,
		By: map[string]time.Duration{"load": 100 * time.Microsecond, "broker": 500 * time.Microsecond}}}}.Text(&out)
	for _, want := range []string{"2000 seats", "8 clients", "2 servers", "commit 0123456789ab", "500 a second", "999 held", "600 µs a booking", "load                        100 µs"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
	if strings.Index(out.String(), "broker    ") > strings.Index(out.String(), "load      ") {
		t.Errorf("the processes are not sorted by name:\n%s", out.String())
	}
}
