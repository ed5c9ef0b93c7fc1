package operations_test

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/onsale-tickets/onsale/cmd/onsale/internal/e2e"
)

// What people on call look at: readiness with its reason, and metrics that show
// what happened.
func TestWatched(t *testing.T) {
	t.Parallel()
	in := e2e.Start(t, e2e.Embedded, "--payment-window", "3s")
	event := in.Register("seller", "seller@example.com").CreateHall(5, 10)
	buyer := in.Minted(1)[0]
	ctx, leave := context.WithCancel(context.Background())
	defer leave()
	buyer.Watch(ctx)
	lapsed := buyer.Book(map[string]any{"event_id": event, "section": "A", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(lapsed.ID)
	in.Eventually("the booking lapses", 30*time.Second, func() bool { return buyer.Booking(lapsed.ID).Status == "cancelled" })
	held := buyer.Book(map[string]any{"event_id": event, "section": "B", "seat_selection_mode": "best_available", "quantity": 2})
	buyer.Answered(held.ID)

	const seats, bookings, tickets = "seat-reservation-service", "booking-service", "event-ticketing-service"
	for _, want := range []struct {
		part, metric string
		is           func(float64) bool
	}{
		{seats, "onsale_seat_partitions_owned", equals(10)},
		{seats, "onsale_oversold_seats_total", equals(0)},
		{seats, "onsale_journal_claims_total", atLeast(10)},
		{seats, "onsale_journal_skipped_total", equals(0)},
		{seats, "onsale_journal_append_seconds_count", atLeast(4)},
		{seats, "onsale_journal_read_back_seconds_count", atLeast(4)},
		{seats, "onsale_kafka_lag_records", equals(0)},
		{bookings, "onsale_bookings_open", atLeast(0)},
		{bookings, "onsale_outbox_oldest_seconds", equals(0)},
		{bookings, "onsale_expiry_delay_seconds_count", atLeast(1)},
		{tickets, "onsale_outbox_oldest_seconds", equals(0)},
		{tickets, "onsale_kafka_lag_records", equals(0)},
	} {
		in.Eventually(want.metric+" of "+want.part, 30*time.Second, func() bool { return want.is(in.Metric(want.part, want.metric)) })
	}
	t.Run("dashboard", func(t *testing.T) { checkDashboard(in, t) })

	for _, part := range []string{seats, bookings, tickets} {
		if status, reason := readiness(in, part); status != http.StatusOK {
			t.Errorf("%s: %d %s", part, status, reason)
		}
	}
	pid := in.PID("broker")
	if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{seats, bookings, tickets} {
		in.Eventually(part+" says that the broker is away", 30*time.Second, func() bool {
			status, reason := readiness(in, part)
			return status == http.StatusServiceUnavailable && strings.Contains(reason, "the catalogue has not been read")
		})
		if resp, err := http.Get("http://" + in.Ops(part) + "/livez"); err != nil || resp.StatusCode != http.StatusOK {
			t.Errorf("%s is not alive without its broker: %v", part, err)
		}
	}
	if err := syscall.Kill(pid, syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{seats, bookings, tickets} {
		in.Eventually(part+" is ready again", time.Minute, func() bool { return in.Ready(part) })
	}
	in.Verify()
}

func equals(n float64) func(float64) bool { return func(is float64) bool { return is == n } }

func atLeast(n float64) func(float64) bool { return func(is float64) bool { return is >= n } }

func readiness(in *e2e.Installation, part string) (int, string) {
	resp, err := http.Get("http://" + in.Ops(part) + "/readyz")
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	reason, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(reason)
}

var (
	metricName = regexp.MustCompile(`\b(?:onsale|go|process)_[a-z0-9_]+`)
	ofLabels   = regexp.MustCompile(`by \(([^)]*)\)`)
	aLabel     = regexp.MustCompile(`([a-z_]+)="`)
)

// checkDashboard compares the queries of the Grafana dashboard with the metrics
// of the services.
func checkDashboard(in *e2e.Installation, t *testing.T) {
	shown, labels := map[string]bool{}, map[string]bool{"instance": true, "job": true} // the last two are added by Prometheus
	for _, part := range []string{"seat-reservation-service", "booking-service", "event-ticketing-service"} {
		resp, err := http.Get("http://" + in.Ops(part) + "/metrics")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
			series, _, _ := strings.Cut(lines.Text(), " ")
			name, _, _ := strings.Cut(series, "{")
			shown[name] = true
			for _, label := range aLabel.FindAllStringSubmatch(series, -1) {
				labels[label[1]] = true
			}
			if kind, ok := strings.CutPrefix(lines.Text(), "# TYPE "); ok { // a counter with labels has no series before its first event
				name, _, _ := strings.Cut(kind, " ")
				shown[name] = true
			}
		}
	}
	for _, name := range []string{"onsale_dead_letters_total", "onsale_kafka_replaced_total"} { // these have not happened
		shown[name] = true
	}
	for _, label := range []string{"group", "what"} {
		labels[label] = true
	}
	content, err := os.ReadFile(e2e.Root("deploy/grafana/onsale.json"))
	if err != nil {
		t.Fatal(err)
	}
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(content, &dashboard); err != nil {
		t.Fatal(err)
	}
	queries := 0
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			queries++
			for _, name := range metricName.FindAllString(target.Expr, -1) {
				if !shown[name] {
					t.Errorf("%s: no service shows %s", panel.Title, name)
				}
			}
			for _, list := range ofLabels.FindAllStringSubmatch(target.Expr, -1) {
				for label := range strings.SplitSeq(list[1], ",") {
					if label = strings.TrimSpace(label); !labels[label] {
						t.Errorf("%s: nothing has the label %s", panel.Title, label)
					}
				}
			}
		}
	}
	if queries < 20 {
		t.Errorf("the dashboard has %d queries", queries)
	}
}
