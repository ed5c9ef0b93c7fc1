package bench_test

import (
	"context"
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

func TestFullLife(t *testing.T) {
	s := newStage(t)
	s.load.EXPECT().FullLife(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, o port.LifeOrder) (port.LifeResult, error) {
		if o.Event != 1 || o.Bookings != 2000 || o.Pay != 0.6 {
			t.Errorf("order %+v", o)
		}
		return port.LifeResult{Elapsed: 64 * time.Second}, nil
	})
	s.sellOut(map[domain.EventID]time.Duration{2: 2 * time.Second})
	input := bench.FullLifeInput{Seats: 4000, Pay: 0.6, Window: time.Minute, Clients: 8, Buyers: 2, Steps: &s.steps}

	f, err := bench.NewFullLife(s.events, s.tokens, s.load, s.cpu).Handle(t.Context(), input)

	if err != nil || f.Rate != 500 || f.Sold != 1000 || f.Ratio != 0.5 {
		t.Errorf("figures %+v: %v", f, err)
	}
}

func TestExpiryStorm(t *testing.T) {
	input := bench.ExpiryStormInput{Seats: 4000, Window: time.Minute, Server: "bookings", Clients: 8, Buyers: 2}

	t.Run("starts the server when all deadlines have passed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			s.sellOut(map[domain.EventID]time.Duration{1: time.Second})
			c := gomock.NewController(t)
			servers, available := portmock.NewMockServers(c), portmock.NewMockAvailability(c)
			var sold time.Time
			gomock.InOrder(
				servers.EXPECT().Terminate("bookings").Do(func(string) { sold = time.Now() }),
				servers.EXPECT().Restart(gomock.Any(), "bookings").DoAndReturn(func(context.Context, string) error {
					if time.Since(sold) <= time.Minute {
						t.Errorf("%s after the sale, deadlines are still to come", time.Since(sold))
					}
					time.Sleep(2 * time.Second)
					return nil
				}),
				available.EXPECT().AwaitAvailable(gomock.Any(), domain.EventID(1), 4000).DoAndReturn(func(context.Context, domain.EventID, int) error {
					time.Sleep(3 * time.Second)
					return nil
				}),
			)
			input := input
			input.Steps = &s.steps

			f, err := bench.NewExpiryStorm(bench.NewSellout(s.events, s.tokens, s.load, s.cpu), servers, available).Handle(t.Context(), input)

			if err != nil || f.Bookings != 2000 || f.Ready != 2*time.Second || f.Released != 5*time.Second {
				t.Errorf("figures %+v: %v", f, err)
			}
		})
	})

	t.Run("says when the payment window is too short", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			s := newStage(t)
			s.load.EXPECT().SellOut(gomock.Any(), gomock.Any()).DoAndReturn(func(ctx context.Context, _ port.SelloutOrder) (port.SelloutResult, error) {
				<-ctx.Done() // seats come back, so that it is never sold out
				return port.SelloutResult{}, ctx.Err()
			})
			c := gomock.NewController(t)
			input := input
			input.Steps = &s.steps

			_, err := bench.NewExpiryStorm(bench.NewSellout(s.events, s.tokens, s.load, s.cpu), portmock.NewMockServers(c), portmock.NewMockAvailability(c)).Handle(t.Context(), input)

			if err == nil || !strings.Contains(err.Error(), "longer than the payment window of 1m0s") {
				t.Error(err)
			}
		})
	})
}

func TestRestore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		s.load.EXPECT().FullLife(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, o port.LifeOrder) (port.LifeResult, error) {
			if o.SeatsEach != 1 || o.Bookings != 4000 || o.Pay != 1 {
				t.Errorf("order %+v", o)
			}
			return port.LifeResult{Held: 4000, Paid: 4000}, nil
		})
		c := gomock.NewController(t)
		state, servers := portmock.NewMockSeatState(c), portmock.NewMockServers(c)
		var calls []any
		for _, took := range []time.Duration{3, 9, 1} {
			calls = append(calls, state.EXPECT().ClearSeats(),
				servers.EXPECT().Restart(gomock.Any(), "seats").Do(func(context.Context, string) { time.Sleep(took * time.Second) }))
		}
		gomock.InOrder(calls...)

		f, err := bench.NewRestore(s.events, s.tokens, s.load, state, servers).Handle(t.Context(), bench.RestoreInput{Seats: 4000, Rounds: 3, Server: "seats", Steps: &s.steps})

		if err != nil || f.Records != 8000 || f.Median != 3*time.Second || f.Most != 9*time.Second {
			t.Errorf("figures %+v: %v", f, err)
		}
	})
}

func TestEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		c := gomock.NewController(t)
		memory, awake, servers := portmock.NewMockMemory(c), portmock.NewMockAwakeEvents(c), portmock.NewMockServers(c)
		several := awake.EXPECT().Awake(gomock.Any()).Return(12, nil)
		none := awake.EXPECT().Awake(gomock.Any()).Return(0, nil).After(several)
		woken := map[domain.EventID]bool{}
		memory.EXPECT().Resident().Times(2).DoAndReturn(func() map[string]port.Resident {
			return map[string]port.Resident{"seats": {Now: int64(1+len(woken)) << 20}}
		}).After(none)
		for _, name := range []string{"one", "two"} {
			for range 2 {
				ended := servers.EXPECT().Terminate(name)
				servers.EXPECT().Restart(gomock.Any(), name).After(ended).DoAndReturn(func(context.Context, string) error { time.Sleep(time.Duration(3+len(woken)) * time.Second); return nil })
			}
		}
		s.load.EXPECT().Paced(gomock.Any(), gomock.Any()).Times(2).DoAndReturn(func(_ context.Context, o port.PacedOrder) (port.PacedResult, error) {
			woken[o.Event] = true
			return port.PacedResult{Bookings: 1, Pendings: []time.Duration{time.Duration(len(woken)) * time.Second}}, nil
		})
		in := bench.EventsInput{Events: 12, Wake: 2, For: time.Minute, Servers: []string{"one", "two"}, Steps: &s.steps}

		f, err := bench.NewEvents(s.events, s.tokens, s.load, s.cpu, memory, awake, servers).Handle(t.Context(), in)

		if err != nil || len(s.halls) != 12 || f.FellAsleep != time.Second || f.WakeP99 != 2*time.Second ||
			f.Asleep.Ready != 3*time.Second || f.Awake.Ready != 5*time.Second || f.Asleep.Resident["seats"].Now != 1<<20 || f.Awake.Resident["seats"].Now != 3<<20 {
			t.Errorf("figures %+v of %d events: %v", f, len(s.halls), err)
		}
	})
}

func TestArchive(t *testing.T) {
	s := newStage(t)
	a := portmock.NewMockEventArchive(gomock.NewController(t))
	sold := s.load.EXPECT().FullLife(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, o port.LifeOrder) (port.LifeResult, error) {
		if o.Bookings != 2000 || o.Pay != 1 || !o.Strict || o.Event != 1 {
			t.Errorf("order %+v", o)
		}
		return port.LifeResult{}, nil
	})
	times := port.ArchiveTimes{Took: 3 * time.Second, Verified: time.Second, Bytes: 10}
	gomock.InOrder(sold,
		a.EXPECT().Close(gomock.Any(), domain.EventID(1)),
		a.EXPECT().Kept(gomock.Any(), domain.EventID(1)).Return(100, int64(400), nil),
		a.EXPECT().Archive(gomock.Any(), domain.EventID(1)).Return(times, nil),
		a.EXPECT().Kept(gomock.Any(), domain.EventID(1)).Return(0, int64(90), nil))

	f, err := bench.NewArchive(s.events, s.tokens, s.load, a).Handle(t.Context(), bench.ArchiveInput{Seats: 4000, Clients: 8, Buyers: 2, Steps: &s.steps})

	if err != nil || f.Bookings != 2000 || f.Times != times || f.PartitionsBefore != 100 || f.PartitionsAfter != 0 || f.DiskBefore != 400 || f.DiskAfter != 100 || f.DiskRatio != 0.25 {
		t.Errorf("%+v, %v", f, err)
	}
}
