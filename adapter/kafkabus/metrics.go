package kafkabus

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	buried = promauto.NewCounterVec(prometheus.CounterOpts{Name: "onsale_dead_letters_total",
		Help: "Records written to the dead letters, by consumer group; repeats count."}, []string{"group"})
	leftBehind = promauto.NewCounter(prometheus.CounterOpts{Name: "onsale_kafka_consumers_left_total",
		Help: "Consumers that did not close in time and were left behind."})
	lag = promauto.NewGaugeVec(prometheus.GaugeOpts{Name: "onsale_kafka_lag_records",
		Help: "Records that this server has not read yet, of the partitions that it reads, by reader: a service's group, or journal (of all events)."},
		[]string{"reader", "event_id"})
	appended = promauto.NewHistogram(prometheus.HistogramOpts{Name: "onsale_journal_append_seconds",
		Help: "Time until the brokers acknowledged a record of the seat journal.", Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 6}})
	appendsFailed = promauto.NewCounter(prometheus.CounterOpts{Name: "onsale_journal_appends_failed_total",
		Help: "Records of the seat journal that may or may not be in the log: ownership is given up and taken again."})
	memberships = promauto.NewGauge(prometheus.GaugeOpts{Name: "onsale_events_awake",
		Help: "Events whose group this server is in. An event that nobody needs sleeps, and no server is in its group."})
	replaced = promauto.NewCounterVec(prometheus.CounterOpts{Name: "onsale_kafka_replaced_total",
		Help: "Memberships that were given up and readers that were replaced, by kind."}, []string{"what"})
)
