package terminal

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

// Memory measures what processes keep in memory.
func Memory(ctx context.Context, use *bench.Memory, in bench.MemoryInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	t := table{Origin: o, title: fmt.Sprintf("resident memory, one event of %d seats, its sell-out, %d events", in.Seats, f.Events),
		chart: Chart{Title: "Resident memory, MiB", Says: "Of each process at rest with one event, its peak in a sell-out, and at rest with many events. PostgreSQL has many processes, and no common peak."}}
	now := func(r port.Resident) float64 { return mebi(r.Now) }
	for _, at := range []struct {
		field, text string
		of          map[string]port.Resident
		value       func(port.Resident) float64
	}{{"one_event", "at rest, one event", f.One, now}, {"sellout_peak", "peak in the sell-out", f.Sellout, func(r port.Resident) float64 { return mebi(r.Peak) }},
		{"many_events", fmt.Sprintf("at rest, %d events", f.Events), f.Many, now}} {
		panel := Panel{Name: at.text}
		for _, name := range slices.Sorted(maps.Keys(at.of)) {
			if name == "postgres" && at.field == "sellout_peak" {
				continue // the peak is that of the parent, which does no work
			}
			v := at.value(at.of[name])
			t.rows = append(t.rows, row{at.field + "_mib_" + name, v, at.text + ", " + name, "MiB"})
			panel.Bars = append(panel.Bars, Bar{Name: name, Value: v})
		}
		t.chart.Panels = append(t.chart.Panels, panel)
	}
	return t, err
}

// MemoryPerReader measures what each reader of the live map adds.
func MemoryPerReader(ctx context.Context, use *bench.MemoryPerReader, in bench.MemoryPerReaderInput, o Origin) (Figures, error) {
	f, err := use.Handle(ctx, in)
	t := table{Origin: o, title: fmt.Sprintf("resident memory that each of %d readers of a map of %d seats adds", f.Readers, f.Seats)}
	for _, name := range slices.Sorted(maps.Keys(f.By)) {
		t.rows = append(t.rows, row{"kib_per_reader_" + name, float64(f.By[name]) / 1024, name, "KiB"})
	}
	return t, err
}

func mebi(bytes int64) float64 { return float64(bytes) / (1 << 20) }
