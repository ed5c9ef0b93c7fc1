// Package gauges shows Prometheus how many seats, or tickets, are in each
// status. Both services show it: at rest the two are equal, and a difference
// that stays is drift.
package gauges

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/ticketing"
)

// Counter answers the counts of every event that is known.
type Counter func(context.Context) (map[domain.EventID]ticketing.Counts, error)

type collector struct {
	count Counter
	log   *slog.Logger
	desc  *prometheus.Desc
}

// limit is how long a scrape may take.
const limit = 5 * time.Second

// Register shows what count answers, at each scrape, under a name.
func Register(name, help string, count Counter, log *slog.Logger) error {
	return prometheus.Register(&collector{count, log, prometheus.NewDesc(name, help, []string{"event_id", "status"}, nil)})
}

func (c *collector) Describe(out chan<- *prometheus.Desc) { out <- c.desc }

func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	counts, err := c.count(ctx)
	if err != nil {
		c.log.Warn("counts are not to be had", "error", err)
		return
	}
	for id, n := range counts {
		for status, value := range map[string]int{"available": n.Available, "reserved": n.Reserved, "sold": n.Sold} {
			out <- prometheus.MustNewConstMetric(c.desc, prometheus.GaugeValue, float64(value), id.String(), status)
		}
	}
}
