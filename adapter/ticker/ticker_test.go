package ticker_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/onsale-tickets/onsale/adapter/ticker"
)

func TestTask(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithCancel(t.Context())
		bell := make(chan struct{}, 1)
		var at []time.Duration
		go func() {
			_ = ticker.Task{Name: "t", Every: 10 * time.Second, Bell: bell, Do: func(context.Context) error {
				at = append(at, time.Since(began))
				if len(at) == 3 {
					return errors.New("not now")
				}
				return nil
			}}.Run(ctx, slog.New(slog.DiscardHandler))
		}()
		time.Sleep(3 * time.Second)
		bell <- struct{}{}
		time.Sleep(3 * time.Second)
		bell <- struct{}{} // this run fails; the next bell must not shorten the pause
		time.Sleep(time.Second)
		bell <- struct{}{}
		time.Sleep(8 * time.Second)
		cancel()
		synctest.Wait()

		want := []time.Duration{0, 3 * time.Second, 6 * time.Second, 10 * time.Second}
		for i := range want {
			if i >= len(at) || at[i] != want[i] {
				t.Fatalf("done at %v, want %v", at, want)
			}
		}
	})
}
