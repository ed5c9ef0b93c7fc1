// Package metrics shows Prometheus what the services know of themselves: what is
// asked at each scrape, and what the seat owner's loop tells as it happens.
package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Gauge is asked for at each scrape.
type Gauge struct {
	Name, Help string
	Labels     []string
	// Read answers through show, which takes a value and those of the labels.
	Read func(ctx context.Context, show func(value float64, labels ...string)) error
}

// limit is how long a scrape may take.
const limit = 5 * time.Second

type collector struct {
	gauge Gauge
	desc  *prometheus.Desc
	log   *slog.Logger
}

// Register shows gauges from now on. A gauge that cannot be read is left out of
// the scrape, and logged.
func Register(log *slog.Logger, gauges ...Gauge) error {
	for _, g := range gauges {
		if err := prometheus.Register(&collector{g, prometheus.NewDesc(g.Name, g.Help, g.Labels, nil), log}); err != nil {
			return err
		}
	}
	return nil
}

func (c *collector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	err := c.gauge.Read(ctx, func(value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, value, labels...)
	})
	if err != nil {
		c.log.Warn("a gauge is not to be had", "gauge", c.gauge.Name, "error", err)
	}
}

// Counts is a gauge of seats, or tickets, in each status. Two services show it:
// at rest the two are equal, and a difference that stays is drift.
func Counts(name, help string, count func(context.Context) (map[domain.EventID]ticketing.Counts, error)) Gauge {
	return Gauge{Name: name, Help: help, Labels: []string{"event_id", "status"}, Read: func(ctx context.Context, show func(float64, ...string)) error {
		counts, err := count(ctx)
		for id, n := range counts {
			show(float64(n.Available), id.String(), "available")
			show(float64(n.Reserved), id.String(), "reserved")
			show(float64(n.Sold), id.String(), "sold")
		}
		return err
	}}
}

// Owned is a gauge of the partitions that this server owns.
func Owned(read func(context.Context) (map[domain.EventID]int, error)) Gauge {
	return Gauge{Name: "onsale_seat_partitions_owned", Help: "Partitions of an event whose claim was read back here; ten over all servers.",
		Labels: []string{"event_id"}, Read: func(ctx context.Context, show func(float64, ...string)) error {
			owned, err := read(ctx)
			for id, n := range owned {
				show(float64(n), id.String())
			}
			return err
		}}
}

// OutboxAge is a gauge of what a service has stored and not handed on yet.
func OutboxAge(read func(context.Context) (time.Duration, error)) Gauge {
	return Gauge{Name: "onsale_outbox_oldest_seconds", Help: "How long the oldest message waits that is stored and not acknowledged by the broker; 0: none does.",
		Read: func(ctx context.Context, show func(float64, ...string)) error {
			oldest, err := read(ctx)
			if err == nil {
				show(oldest.Seconds())
			}
			return err
		}}
}

// Bookings is a gauge of the bookings that are open, by status.
func Bookings(read func(context.Context) (map[string]int, error)) Gauge {
	return Gauge{Name: "onsale_bookings_open", Help: "Bookings that wait: processing for seats, pending_payment for their buyer (the holds).",
		Labels: []string{"status"}, Read: func(ctx context.Context, show func(float64, ...string)) error {
			counts, err := read(ctx)
			for status, n := range counts {
				show(float64(n), status)
			}
			return err
		}}
}
