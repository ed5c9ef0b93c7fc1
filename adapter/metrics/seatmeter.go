package metrics

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/onsale-tickets/onsale/port"
)

var (
	claims = promauto.NewCounter(prometheus.CounterOpts{Name: "onsale_journal_claims_total",
		Help: "Claims of partitions by this server that were read back."})
	skipped = promauto.NewCounter(prometheus.CounterOpts{Name: "onsale_journal_skipped_total",
		Help: "Journal records that this server skipped: from a server that had lost its claim, or repeated."})
	oversold = promauto.NewCounter(prometheus.CounterOpts{Name: "onsale_oversold_seats_total",
		Help: "Seats that an accepted record assigned although they were not free. Always 0."})
	readBack = promauto.NewHistogram(prometheus.HistogramOpts{Name: "onsale_journal_read_back_seconds",
		Help: "From a decision of this server until it was read back as accepted.", Buckets: journalBuckets})
)

var journalBuckets = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 6}

// SeatMeter implements port.SeatMeter.
type SeatMeter struct{}

var _ port.SeatMeter = SeatMeter{}

// Claimed implements port.SeatMeter.
func (SeatMeter) Claimed() { claims.Inc() }

// ReadBack implements port.SeatMeter.
func (SeatMeter) ReadBack(took time.Duration) { readBack.Observe(took.Seconds()) }

// Skipped implements port.SeatMeter.
func (SeatMeter) Skipped() { skipped.Inc() }

// Oversold implements port.SeatMeter.
func (SeatMeter) Oversold(seats int) { oversold.Add(float64(seats)) }
