package metrics_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/onsale-tickets/onsale/adapter/metrics"
	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// A store that cannot be read must not take the other metrics of a scrape away.
func TestRegister(t *testing.T) {
	var log strings.Builder
	err := metrics.Register(slog.New(slog.NewTextHandler(&log, nil)),
		metrics.Counts("onsale_test_tickets", "Tickets.", func(context.Context) (map[domain.EventID]ticketing.Counts, error) {
			return map[domain.EventID]ticketing.Counts{7: {Available: 3, Reserved: 2, Sold: 1}}, nil
		}),
		metrics.Bookings(func(context.Context) (map[string]int, error) { return nil, errors.New("the store is away") }),
	)
	if err != nil {
		t.Fatal(err)
	}

	families, err := prometheus.DefaultGatherer.Gather()

	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		if family.GetName() == "onsale_bookings_open" {
			t.Errorf("a gauge that cannot be read is in the scrape: %v", family)
		}
		if family.GetName() != "onsale_test_tickets" {
			continue
		}
		for _, m := range family.GetMetric() {
			var labels []string
			for _, l := range m.GetLabel() {
				labels = append(labels, l.GetName()+"="+l.GetValue())
			}
			got[strings.Join(labels, ",")] = m.GetGauge().GetValue()
		}
	}
	for labels, want := range map[string]float64{"event_id=7,status=available": 3, "event_id=7,status=reserved": 2, "event_id=7,status=sold": 1} {
		if got[labels] != want {
			t.Errorf("%s: %v, want %v", labels, got[labels], want)
		}
	}
	if !strings.Contains(log.String(), "metric=onsale_bookings_open") || !strings.Contains(log.String(), "the store is away") {
		t.Errorf("the log says %q", log.String())
	}
}
