package booking_test

import (
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// The table is new and nearly empty. The plan of a step is kept, and must not read
// all of the table once it has grown.
func TestStepsLookBookingsUpByKey(t *testing.T) {
	s := open(t)
	accept(t, s, 1)

	rows, err := s.Batches.Query(t.Context(), "EXPLAIN UPDATE bookings b SET hold = 1 FROM unnest(array_fill(gen_random_uuid(), '{10}')) AS k (id) WHERE b.id = k.id")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if text := strings.Join(plan, "\n"); err != nil || strings.Contains(text, "Seq Scan on bookings") {
		t.Errorf("%v\n%s", err, text)
	}
}
