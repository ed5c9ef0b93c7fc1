package kafkabus

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestRush(t *testing.T) {
	waited := func(batchBefore int) (took time.Duration) {
		synctest.Test(t, func(*testing.T) {
			var r rush
			r.end(batchBefore, batchSize)
			began := time.Now()

			r.first()

			took = time.Since(began)
		})
		return took
	}
	if took := waited(1); took != 0 {
		t.Errorf("a booking on its own waits for %s", took)
	}
	if took := waited(rushSize); took != rushWait {
		t.Errorf("among many it waits for %s", took)
	}
	if took := waited(batchSize); took != 0 {
		t.Errorf("behind a full batch it waits for %s", took)
	}
}
