package feedhub

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
)

func TestAFrameIsEncodedOnceForEachKey(t *testing.T) {
	encoded, calls := encodedOnce(), atomic.Int32{}
	var readers sync.WaitGroup
	for n := range 64 {
		readers.Go(func() {
			key := fmt.Sprint(n % 2)
			got := encoded(key, func() []byte {
				calls.Add(1)
				return []byte(key)
			})
			if string(got) != key {
				t.Errorf("key %s gave %s", key, got)
			}
		})
	}
	readers.Wait()
	if calls.Load() != 2 {
		t.Errorf("encoded %d times, for two keys", calls.Load())
	}
}
