package terminal

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// ArchiveBench measures the archive of an event.
func ArchiveBench(ctx context.Context, use *bench.Archive, in bench.ArchiveInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	before, after, file := mebi(f.DiskBefore), mebi(f.DiskAfter), mebi(f.Times.Bytes)
	return table{Origin: o, title: fmt.Sprintf("archive of an event of %d seats with %d paid bookings", f.Seats, f.Bookings), rows: []row{
		{"archive_s", f.Times.Took.Seconds(), "archived, once it sleeps, after", "s"},
		{"verify_s", f.Times.Verified.Seconds(), "the file alone is checked in", "s"},
		{"file_mib", file, "file", "MiB"},
		{"partitions_before", float64(f.PartitionsBefore), "partitions before", ""},
		{"partitions_after", float64(f.PartitionsAfter), "partitions after", ""},
		{"disk_before_mib", before, "broker and seats on disk before", "MiB"},
		{"disk_after_mib", after, "after, with the file", "MiB"},
		{"disk_ratio", f.DiskRatio, "after : before", ""},
	}, chart: Chart{Title: "Archive", Says: "What the broker and the seat server have on disk of an event before it is archived, and what is left with the file.",
		Panels: []Panel{{"MiB", []Bar{{Name: "before", Value: before}, {Name: "after, with the file", Value: after}, {Name: "the file", Value: file}}}}}}, err
}
