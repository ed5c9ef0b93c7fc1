package terminal

import (
	"context"
	"fmt"

	"github.com/onsale-tickets/onsale/usecase/bench"
)

// GroupCommit compares bookings that are accepted in groups and one by one. It also
// returns how many were accepted.
func GroupCommit(ctx context.Context, use *bench.GroupCommit, in bench.GroupCommitInput, o Origin) (Figures, int, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("bookings of %d clients, accepted in groups and one by one", in.Clients), rows: []row{
		{"grouped_per_s", f.Grouped, "in groups", "bookings a second"},
		{"single_per_s", f.Single, "one by one", "bookings a second"},
		{"ratio", f.Ratio, "in groups : one by one", ""},
	}, chart: Chart{Title: "Group commit", Says: "Bookings a second that PostgreSQL accepts when those that wait share a transaction, and when each has its own.",
		Panels: []Panel{{"bookings a second", []Bar{{Name: "in groups", Value: f.Grouped}, {Name: "one by one", Value: f.Single}}}}}}, f.Accepted, err
}

// JournalBatch compares seats that are reserved one by one and many at once.
func JournalBatch(ctx context.Context, use *bench.JournalBatch, in bench.JournalBatchInput, o Origin) (Figures, error) {
	progress := newBars()
	in.Steps = progress
	f, err := use.Handle(ctx, in)
	progress.end()
	return table{Origin: o, title: fmt.Sprintf("seat-reservation-service alone, %d requests at once and one by one", in.Most), rows: []row{
		{"many_per_s", f.Many, "many at once", "reservations a second"},
		{"alone_per_s", f.Alone, "one by one", "reservations a second"},
		{"ratio", f.Ratio, "many at once : one by one", ""},
	}, chart: Chart{Title: "Batches of the journal", Says: "Reservations a second of seat-reservation-service when many requests wait at once, and when one is sent after the other.",
		Panels: []Panel{{"reservations a second", []Bar{{Name: "many at once", Value: f.Many}, {Name: "one by one", Value: f.Alone}}}}}}, err
}
