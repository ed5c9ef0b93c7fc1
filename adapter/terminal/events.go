package terminal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// Events measures what events cost that nobody needs.
func Events(ctx context.Context, use *bench.Events, in bench.EventsInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	t := table{Origin: o, title: fmt.Sprintf("%d events that nobody needs, of which %d are woken", f.Events, in.Wake), rows: []row{
		{"create_10th_s", f.Tenth.Took.Seconds(), "the 10th event on sale after", "s"},
		{"create_last_s", f.Last.Took.Seconds(), "the last event on sale after", "s"},
		{"create_10th_cpu_s", f.Tenth.CPU.Seconds(), "processor time of the 10th", "s"},
		{"create_last_cpu_s", f.Last.CPU.Seconds(), "processor time of the last", "s"},
		{"fell_asleep_s", f.FellAsleep.Seconds(), "all asleep after", "s"},
		{"cores", f.Cores, "processor cores while all sleep", ""},
		{"ready_s", f.Ready.Seconds(), "all servers started again, ready after", "s"},
		{"wake_p50_ms", millis(f.WakeP50), "first booking of a sleeping event, seats held, p50", "ms"},
		{"wake_p99_ms", millis(f.WakeP99), "p99", "ms"},
	}, chart: Chart{Title: "Events that sleep", Says: "Resident memory of each process while all events sleep."}}
	panel := Panel{Name: "MiB"}
	for _, name := range slices.Sorted(maps.Keys(f.Resident)) {
		v := mebi(f.Resident[name].Now)
		t.rows = append(t.rows, row{"cores_" + name, f.CoresBy[name], "cores, " + name, ""}, row{"resident_mib_" + name, v, "memory, " + name, "MiB"})
		panel.Bars = append(panel.Bars, Bar{Name: name, Value: v})
	}
	t.chart.Panels = []Panel{panel}
	return t, err
}
