package process

import "os"

// ballastBytes is the size of the ballast. Go collects when the heap is twice what
// the last collection left, so a service that keeps 10 MiB would collect each time
// it has allocated 10 MiB: many times a second during a sale, each time over all of
// its goroutines. With the ballast it may allocate 10 MiB and ballastBytes first.
// That bounds the heap to ballastBytes and twice what is kept.
const ballastBytes = 32 << 20

// newBallast returns the ballast, which lets the collector run less often while it is
// reachable. It counts as heap, but takes no memory: nothing reads or writes it, and
// the collector does not scan it, so its pages are never touched. If the operator has
// tuned the collector there is none: GOGC and GOMEMLIMIT then mean what Go's
// documentation says.
func newBallast() []byte {
	if os.Getenv("GOGC") != "" || os.Getenv("GOMEMLIMIT") != "" {
		return nil
	}
	return make([]byte, ballastBytes)
}
