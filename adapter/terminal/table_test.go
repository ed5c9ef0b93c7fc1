package terminal

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

func TestTable(t *testing.T) {
	figures := table{Origin: origin, title: "some sale", rows: []row{{"rate_per_s", 1234.5, "sold", "bookings a second"}, {"ratio", 0.5, "a : b", ""}}}

	encoded, err := json.Marshal(figures.JSON(2))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	figures.Text(&out)

	want := `{"benchmark":"some","machine":"a machine, 2 cores","commit":"0123456789ab","broker":"embedded","servers":2,"rate_per_s":1234.5,"ratio":0.5,"violations":2}`
	if string(encoded) != want {
		t.Errorf("\n%s, want\n%s", encoded, want)
	}
	for _, want := range []string{"some sale (embedded broker, 2 servers", "1234 bookings a second\n", "0.50\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestLatencyTable(t *testing.T) {
	figures := latencyTable(origin, bench.LatencyFigures{Most: 1000, Alone: paced, Rates: []bench.LatencyAt{{Percent: 25, PacedFigures: bench.PacedFigures{PendingP99: 9 * time.Millisecond}}}})

	encoded, err := json.Marshal(figures.JSON(0))
	if err != nil {
		t.Fatal(err)
	}

	for _, want := range []string{`"most_per_s":1000`, `"alone_pending_p50_ms":3`, `"at_25_pending_p99_ms":9`, `"at_25_refused":0`} {
		if !strings.Contains(string(encoded), want) {
			t.Errorf("no %s in %s", want, encoded)
		}
	}
	checkChart(t, figures.Chart(), 8, 0)
}

func TestWrap(t *testing.T) {
	if got := strings.Join(wrap("one two three extraordinary x", 9), "|"); got != "one two|three|extraordinary|x" {
		t.Error(got)
	}
}
