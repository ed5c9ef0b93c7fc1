package seeder

import (
	"testing"
	"time"
	_ "time/tzdata"
)

// The demo event is in the evening at its venue, whenever it is made.
func TestDemoEventIsInTheEvening(t *testing.T) {
	for _, now := range []time.Time{time.Date(2026, 11, 28, 22, 40, 0, 0, time.UTC), time.Date(2027, 6, 1, 0, 10, 0, 0, time.FixedZone("", -7*3600))} {
		event := demoEvent(now)

		venue, err := time.LoadLocation(*event.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		if at := event.StartsAt.In(venue); at.Format("15:04") != "20:00" || !at.After(now) {
			t.Errorf("made at %v, it begins at %v", now, at)
		}
	}
}
