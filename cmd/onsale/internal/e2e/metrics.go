package e2e

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
)

func isReady(ops string) bool {
	resp, err := http.Get("http://" + ops + "/readyz")
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

func (in *Installation) Ready(part string) bool { return isReady(in.Ops(part)) }

// Metric returns the sum of a metric over its labels, or -1 if there is none.
func (in *Installation) Metric(part, name string) float64 { return metricAt(in.Ops(part), name) }

func (in *Installation) Lag(part string) float64 { return in.Metric(part, "onsale_kafka_lag_records") }

func metricAt(ops, name string) float64 {
	resp, err := http.Get("http://" + ops + "/metrics")
	if err != nil {
		return -1
	}
	defer resp.Body.Close()
	sum, found := 0.0, false
	for lines := bufio.NewScanner(resp.Body); lines.Scan(); {
		series, value, _ := strings.Cut(lines.Text(), " ")
		if base, _, _ := strings.Cut(series, "{"); base == name {
			n, _ := strconv.ParseFloat(value, 64)
			sum, found = sum+n, true
		}
	}
	if !found {
		return -1
	}
	return sum
}
