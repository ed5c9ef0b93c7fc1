package kafkabus

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

var (
	buried = promauto.NewCounterVec(prometheus.CounterOpts{Name: "onsale_dead_letters_total",
		Help: "Records put among the dead letters, by consumer group; repeats count."}, []string{"group"})
	leftBehind = promauto.NewCounter(prometheus.CounterOpts{Name: "onsale_kafka_consumers_left_total",
		Help: "Consumers that did not close and were left behind."})
	replaced = promauto.NewCounterVec(prometheus.CounterOpts{Name: "onsale_kafka_replaced_total",
		Help: "Memberships given up and readers replaced, by what."}, []string{"what"})
)
