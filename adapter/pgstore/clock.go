package pgstore

import (
	"context"
	"sync/atomic"
	"time"
)

// clock follows PostgreSQL's clock by the difference to the clock of this
// machine.
type clock struct{ ahead atomic.Int64 } // nanoseconds by which PostgreSQL's is ahead

// Now returns PostgreSQL's time in UTC, as of when it was last read.
func (c *clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())).UTC() }

// set notes that PostgreSQL's clock was at a time when this machine's was between
// two others.
func (c *clock) set(at, asked, answered time.Time) {
	c.ahead.Store(int64(at.Sub(asked.Add(answered.Sub(asked) / 2))))
}

// ReadClock reads PostgreSQL's clock for Now.
func (d *Database) ReadClock(ctx context.Context) error {
	var at time.Time
	asked := time.Now()
	if err := d.Timers.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&at); err != nil {
		return err
	}
	d.set(at, asked, time.Now())
	return nil
}
