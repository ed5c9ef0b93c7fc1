package bench_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

var errStore = errors.New("the store is away")

func TestSellout(t *testing.T) {
	input := bench.SelloutInput{Seats: 2000, Sections: 2, Clients: 8, Buyers: 3}

	t.Run("counts processor time a booking, of each process", func(t *testing.T) {
		c := gomock.NewController(t)
		events, tokens, load, cpu := portmock.NewMockBenchEvents(c), portmock.NewMockTokens(c), portmock.NewMockLoad(c), portmock.NewMockCPUTimes(c)
		events.EXPECT().Create(gomock.Any(), port.Hall{Sections: 2, Seats: 2000, Rows: 4, SeatsPerRow: 25}).Return(domain.EventID(7), nil)
		tokens.EXPECT().Sign(gomock.Any()).Times(4).DoAndReturn(func(c port.Claims) (string, error) { return c.User.String(), nil }) // three buyers, and one who wakes the event
		times := []map[string]time.Duration{
			{"broker": time.Second, bench.Load: 0},
			{"broker": 3 * time.Second, bench.Load: time.Second},
		}
		woken := load.EXPECT().Wake(gomock.Any(), gomock.Any(), gomock.Any(), 2000)
		cpu.EXPECT().CPUTimes().Times(2).After(woken).DoAndReturn(func() map[string]time.Duration { now := times[0]; times = times[1:]; return now })
		load.EXPECT().SellOut(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, o port.SelloutOrder) (port.SelloutResult, error) {
			if len(times) != 1 {
				t.Error("the load runs before the first processor times are read")
			}
			if o.Event != 7 || o.Bookings != 1000 || o.SeatsEach != 2 || o.Clients != 8 || strings.Join(o.Sections, "") != "AB" || len(o.BuyerTokens) != 3 || o.BuyerTokens[0] == o.BuyerTokens[1] {
				t.Errorf("order %+v", o)
			}
			return port.SelloutResult{Elapsed: 2 * time.Second, Held: 998, Refused: 2, Accepts: []time.Duration{1, 2, 3, 4}}, nil
		})

		f, err := bench.NewSellout(events, tokens, load, cpu).Handle(t.Context(), input)

		if err != nil {
			t.Fatal(err)
		}
		if f.Rate != 500 || f.CPU.All != 3*time.Millisecond || f.CPU.WithoutLoad != 2*time.Millisecond || f.CPU.By["broker"] != 2*time.Millisecond {
			t.Errorf("figures %+v", f)
		}
		if f.AcceptP50 != 3 || f.AcceptP99 != 4 || f.Held != 998 || f.Refused != 2 || f.Bookings != 1000 {
			t.Errorf("figures %+v", f)
		}
	})

	t.Run("sends no load without an event", func(t *testing.T) {
		c := gomock.NewController(t)
		events := portmock.NewMockBenchEvents(c)
		events.EXPECT().Create(gomock.Any(), gomock.Any()).Return(domain.EventID(0), errStore)

		_, err := bench.NewSellout(events, portmock.NewMockTokens(c), portmock.NewMockLoad(c), portmock.NewMockCPUTimes(c)).Handle(t.Context(), input)

		if !errors.Is(err, errStore) {
			t.Error(err)
		}
	})
}

func TestIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		cpu := portmock.NewMockCPUTimes(gomock.NewController(t))
		began := time.Now()
		cpu.EXPECT().CPUTimes().Times(2).DoAndReturn(func() map[string]time.Duration {
			return map[string]time.Duration{"broker": time.Since(began) / 4, "redis": time.Minute}
		})
		created := 0

		f, err := bench.NewIdle(s.events, s.tokens, s.load, cpu).Handle(t.Context(), bench.IdleInput{Events: 3, For: 30 * time.Second, OnCreated: func() { created++ }})

		if err != nil || created != 3 || len(s.awake) != 3 {
			t.Fatalf("%d events created: %v", created, err)
		}
		if f.Watched != 30*time.Second || math.Abs(f.Cores-0.25) > 1e-9 || f.CoresBy["redis"] != 0 {
			t.Errorf("figures %+v", f)
		}
		if waited := time.Since(began); waited != 45*time.Second {
			t.Errorf("it measured after %s, before the events had settled", waited)
		}
	})
}

func TestFailover(t *testing.T) {
	newFailover := func(c *gomock.Controller, outage func(since time.Time) (time.Duration, bool), servers port.Servers) (*bench.Failover, *bool) {
		events, tokens, prober := portmock.NewMockBenchEvents(c), portmock.NewMockTokens(c), portmock.NewMockProber(c)
		events.EXPECT().Create(gomock.Any(), gomock.Any()).Return(domain.EventID(7), nil)
		tokens.EXPECT().Sign(gomock.Any()).Return("token", nil)
		stopped := new(bool)
		prober.EXPECT().Start(gomock.Any(), domain.EventID(7), gomock.Len(10), "token").Return(func() { *stopped = true })
		prober.EXPECT().Outage(gomock.Any()).AnyTimes().DoAndReturn(outage)
		return bench.NewFailover(events, tokens, prober, servers), stopped
	}

	t.Run("returns the longest outage of each server", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := gomock.NewController(t)
			servers := portmock.NewMockServers(c)
			var down time.Time // until then nothing sells
			kills := 0
			servers.EXPECT().Kill("seats").Times(2).Do(func(string) { kills++; down = time.Now().Add(time.Duration(5+5*kills) * time.Second) })
			servers.EXPECT().Terminate("seats").Times(2).Do(func(string) { down = time.Now().Add(time.Second) })
			servers.EXPECT().Restart(gomock.Any(), "seats").Times(4)
			use, stopped := newFailover(c, func(since time.Time) (time.Duration, bool) {
				if time.Now().Before(down) {
					return 0, false
				}
				return max(0, down.Sub(since)), true
			}, servers)
			rounds := 0

			f, err := use.Handle(t.Context(), bench.FailoverInput{Rounds: 2, Servers: []string{"seats"}, OnRound: func(bench.Outage) { rounds++ }})

			if err != nil || rounds != 4 || !*stopped {
				t.Fatalf("%d outages told, the probe stopped: %t: %v", rounds, *stopped, err)
			}
			if f.Killed["seats"] != 15*time.Second || f.Terminated["seats"] != time.Second {
				t.Errorf("figures %+v", f)
			}
		})
	})

	t.Run("fails when a section never sells again", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			c := gomock.NewController(t)
			servers := portmock.NewMockServers(c)
			ended := false
			servers.EXPECT().Kill("seats").MaxTimes(1).Do(func(string) { ended = true })
			servers.EXPECT().Terminate("seats").MaxTimes(1).Do(func(string) { ended = true })
			use, stopped := newFailover(c, func(time.Time) (time.Duration, bool) { return 0, !ended }, servers)

			_, err := use.Handle(t.Context(), bench.FailoverInput{Rounds: 1, Servers: []string{"seats"}, OnRound: func(bench.Outage) {}})

			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "seats") || !*stopped {
				t.Errorf("the probe stopped: %t: %v", *stopped, err)
			}
		})
	})
}
