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
		{"cores", f.Asleep.Cores, "processor cores while all sleep", ""},
		{"ready_s", f.Asleep.Ready.Seconds(), "all servers started again, ready after", "s"},
		{"wake_p50_ms", millis(f.WakeP50), "first booking of a sleeping event, seats held, p50", "ms"},
		{"wake_p99_ms", millis(f.WakeP99), "p99", "ms"},
		{"awake_cores", f.Awake.Cores, fmt.Sprintf("processor cores while %d are awake", in.Wake), ""},
		{"awake_ready_s", f.Awake.Ready.Seconds(), "all servers started again, ready after", "s"},
	}, chart: Chart{Title: "Events that sleep", Says: fmt.Sprintf("Resident memory of each process on %d events, of which %d are awake.", f.Events, in.Wake)}}
	panel := Panel{Name: "MiB"}
	for _, name := range slices.Sorted(maps.Keys(f.Awake.Resident)) {
		awake := mebi(f.Awake.Resident[name].Now)
		t.rows = append(t.rows,
			row{"cores_" + name, f.Asleep.CoresBy[name], name + ", all asleep", "cores"},
			row{"awake_cores_" + name, f.Awake.CoresBy[name], fmt.Sprintf("%s, %d awake", name, in.Wake), "cores"},
			row{"resident_mib_" + name, mebi(f.Asleep.Resident[name].Now), name + ", all asleep", "MiB"},
			row{"awake_mib_" + name, awake, fmt.Sprintf("%s, %d awake", name, in.Wake), "MiB"})
		panel.Bars = append(panel.Bars, Bar{Name: name, Value: awake})
	}
	t.chart.Panels = []Panel{panel}
	return t, err
}
