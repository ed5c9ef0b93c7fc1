package supervisor

import (
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

func TestPatience(t *testing.T) {
	const limit = 90 * time.Second
	for name, c := range map[string]struct {
		says func(i int) error
		ends time.Duration // from the start
	}{
		"ends when a start stands still":                           {func(int) error { return unready{"3 events are left"} }, limit + time.Second},
		"goes on while there is progress, and ends after the last": {func(i int) error { return unready{fmt.Sprint(max(10-i/60, 3), " events are left")} }, 7*time.Minute + limit + time.Second},
		"takes no turn between two reasons for progress":           {func(i int) error { return unready{fmt.Sprint(i%2, " events are left")} }, limit + 2*time.Second},
		"takes no other error for progress":                        {func(i int) error { return errors.New(fmt.Sprint("read tcp, port ", i)) }, limit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				ctx, p, cancel := withPatience(t.Context(), limit)
				defer cancel()
				for i := 0; ctx.Err() == nil && i < 10_000; i++ {
					time.Sleep(time.Second)
					p.hear(c.says(i))
					synctest.Wait()
				}
				if took := time.Since(began); took < c.ends-time.Second || took > c.ends+2*time.Second {
					t.Errorf("ended after %s, want %s", took, c.ends)
				}
			})
		})
	}
}
