// Package metrics exports what the services measure to Prometheus: gauges that are
// read at each scrape, and counters of the seat owner.
package metrics

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Gauge is a metric that is read at each scrape.
type Gauge struct {
	Name, Help string
	Labels     []string
	// Read calls show with each value and the values of its labels.
	Read func(ctx context.Context, show func(value float64, labels ...string)) error
}

// readLimit is how long a gauge may take.
const readLimit = 5 * time.Second

type collector struct {
	gauge Gauge
	desc  *prometheus.Desc
	log   *slog.Logger
}

// Register adds gauges to the scrapes. A gauge that cannot be read is logged and
// missing from that scrape.
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
	ctx, cancel := context.WithTimeout(context.Background(), readLimit)
	defer cancel()
	err := c.gauge.Read(ctx, func(value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, value, labels...)
	})
	if err != nil {
		c.log.Warn("a metric cannot be read", "metric", c.gauge.Name, "error", err)
	}
}

// Counts returns a gauge of the seats or tickets in each status. Two services export
// it. At rest both are equal; a difference that stays is drift.
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

// Owned returns a gauge of the partitions that this server owns.
func Owned(read func(context.Context) (map[domain.EventID]int, error)) Gauge {
	return Gauge{Name: "onsale_seat_partitions_owned", Help: "Partitions of an event that this server owns. All servers together own ten.",
		Labels: []string{"event_id"}, Read: func(ctx context.Context, show func(float64, ...string)) error {
			owned, err := read(ctx)
			for id, n := range owned {
				show(float64(n), id.String())
			}
			return err
		}}
}

// OutboxAge returns a gauge of the oldest message that a service has stored but not
// sent.
func OutboxAge(read func(context.Context) (time.Duration, error)) Gauge {
	return Gauge{Name: "onsale_outbox_oldest_seconds", Help: "Age of the oldest stored message that the broker has not acknowledged. 0 if there is none.",
		Read: func(ctx context.Context, show func(float64, ...string)) error {
			oldest, err := read(ctx)
			if err == nil {
				show(oldest.Seconds())
			}
			return err
		}}
}

// WithoutRoom returns a gauge of the events that the brokers refuse.
func WithoutRoom(read func() int) Gauge {
	return Gauge{Name: "onsale_events_without_room", Help: "Events that were booked, but for whose topics the brokers have no room.",
		Read: func(_ context.Context, show func(float64, ...string)) error {
			show(float64(read()))
			return nil
		}}
}

// Bookings returns a gauge of the open bookings by status.
func Bookings(read func(context.Context) (map[string]int, error)) Gauge {
	return Gauge{Name: "onsale_bookings_open", Help: "Open bookings: processing ones wait for seats, pending_payment ones for the payment.",
		Labels: []string{"status"}, Read: func(ctx context.Context, show func(float64, ...string)) error {
			counts, err := read(ctx)
			for status, n := range counts {
				show(float64(n), status)
			}
			return err
		}}
}
