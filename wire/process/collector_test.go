package process

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// heapGoal returns the size of the heap that begins the next collection.
func heapGoal() uint64 {
	s := []metrics.Sample{{Name: "/gc/heap/goal:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

func TestNewBallast(t *testing.T) {
	for name, c := range map[string]struct {
		gogc, limit string
		raised      bool
	}{
		"raises the heap goal":                             {"", "", true},
		"leaves the collector to an operator's GOGC":       {"50", "", false},
		"leaves the collector to an operator's GOMEMLIMIT": {"", "200MiB", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("GOGC", c.gogc)
			t.Setenv("GOMEMLIMIT", c.limit)
			ballast := newBallast()
			debug.FreeOSMemory() // a collection: the goal follows it

			if goal := heapGoal(); (goal >= 2*ballastBytes) != c.raised {
				t.Errorf("the next collection is at %d bytes", goal)
			}
			runtime.KeepAlive(ballast)
		})
	}
}
