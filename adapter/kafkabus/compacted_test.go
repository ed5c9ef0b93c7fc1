package kafkabus

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestAViewIsFresh(t *testing.T) {
	// view is asked for every 300 ms, as a broker's answers come: grow is by how
	// much the topic grows meanwhile, lag by how many records the reader is behind.
	view := func(t *testing.T, test func(v *compacted, pass func(d time.Duration, grow, lag int64))) {
		synctest.Test(t, func(*testing.T) {
			v, end := &compacted{moved: make(chan struct{})}, int64(0)
			test(v, func(d time.Duration, grow, lag int64) {
				for range d / contactEvery {
					end += grow
					v.tell(told{end, time.Now()})
					if next := end - lag; next > v.next {
						v.advance(next)
					}
					time.Sleep(contactEvery)
				}
			})
		})
	}
	expect := func(t *testing.T, v *compacted, want bool, when string) {
		t.Helper()
		if v.within(freshAge) != want {
			t.Errorf("%s: fresh is %t", when, !want)
		}
	}
	t.Run("when it has reached the end that the broker told", func(t *testing.T) {
		view(t, func(v *compacted, pass func(time.Duration, int64, int64)) {
			expect(t, v, false, "before the end is known")
			v.tell(told{100, time.Now()})
			v.advance(99)
			expect(t, v, false, "before it was read whole")
			v.advance(100)
			expect(t, v, true, "at the end")
			waited := make(chan error)
			time.Sleep(2 * time.Second)
			expect(t, v, false, "two seconds after the broker's last answer")
			go func() { waited <- v.untilFresh(context.Background()) }()
			synctest.Wait()
			v.tell(told{100, time.Now()})
			if err := <-waited; err != nil {
				t.Errorf("the broker answers again: %v", err)
			}
		})
	})
	t.Run("not when it stands before that end for more than a second", func(t *testing.T) {
		view(t, func(v *compacted, pass func(time.Duration, int64, int64)) {
			pass(3*time.Second, 0, 0)
			expect(t, v, true, "at the end of an empty topic")
			pass(600*time.Millisecond, 1, 1000)
			expect(t, v, true, "just behind")
			pass(900*time.Millisecond, 1, 1000)
			expect(t, v, false, "behind for long")
			pass(time.Minute, 1, 1000)
			expect(t, v, false, "still behind")
			pass(contactEvery, 0, 0)
			expect(t, v, true, "at the end again")
		})
	})
	t.Run("although there is always something that it has not read yet", func(t *testing.T) {
		view(t, func(v *compacted, pass func(time.Duration, int64, int64)) {
			for range 100 {
				pass(contactEvery, 100, 150)
				if v.next >= 100 { // the first end
					expect(t, v, true, "a second behind at most")
				}
			}
			pass(time.Minute, 100, 1000)
			expect(t, v, false, "three seconds behind")
		})
	})
}
