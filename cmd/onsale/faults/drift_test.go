package faults_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// F28: a ticket that was changed behind the services' back is found. verify names
// the seat, and the gauges differ.
func TestF28_SilentDrift(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded)
	event := in.Register("seller", "seller@example.com").CreateHall(2, 5)
	buyer := in.Minted(1)[0]
	b := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(b.ID)
	in.Verify()
	gauge := func(service, line string) bool {
		var run struct {
			Services map[string]struct{ Ops string }
		}
		in.Run(&run)
		resp, err := http.Get("http://" + run.Services[service].Ops + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(text), line+"\n")
	}
	seats, tickets := `onsale_seats{event_id="1",status="reserved"} 2`, `onsale_tickets{event_id="1",status="reserved"} 2`
	if !gauge("seat-reservation-service", seats) || !gauge("event-ticketing-service", tickets) {
		t.Error("the gauges do not say what is")
	}

	url, err := os.ReadFile(filepath.Join(in.Data, "secrets", "event-ticketing-service.url"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := pgx.Connect(t.Context(), string(url))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(t.Context())
	for _, drift := range []string{"UPDATE tickets SET status = 0 WHERE row_no = 1 AND seat_no = 1 AND status = 1", "INSERT INTO ticket_deltas VALUES (1, 0, 1, -1, 0, 0, now())"} {
		if _, err := c.Exec(t.Context(), drift); err != nil {
			t.Fatal(err)
		}
	}
	out, code := in.Onsale("verify", "--data-dir", in.Data, "--rest", "1s")
	if code != 1 || !strings.Contains(out, "I2   VIOLATED") || !strings.Contains(out, "seat A-1-1-1") {
		t.Errorf("exit %d: %s", code, out)
	}
	if gauge("event-ticketing-service", tickets) {
		t.Error("the gauge says what was")
	}
}
