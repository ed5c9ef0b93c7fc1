package pgstore

import (
	"testing"
	"time"
)

// The clock of this machine is an hour ahead of PostgreSQL's. Now does not follow
// it.
func TestNowFollowsPostgres(t *testing.T) {
	var c clock
	asked := time.Now()
	c.set(asked.Add(-time.Hour+5*time.Millisecond), asked, asked.Add(10*time.Millisecond))
	if off := c.Now().Sub(time.Now().Add(-time.Hour)).Abs(); off > time.Second || c.Now().Location() != time.UTC {
		t.Errorf("Now is %s off, in %s", off, c.Now().Location())
	}
}
