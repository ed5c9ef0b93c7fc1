package bench_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

// stage has the mocks of a benchmark that sells. Every event gets a number of its
// own; halls has their seatings.
type stage struct {
	events *portmock.MockBenchEvents
	tokens *portmock.MockTokens
	load   *portmock.MockLoad
	cpu    *portmock.MockCPUTimes
	halls  []port.Hall
	mu     sync.Mutex // of awake
	awake  map[domain.EventID]bool
	steps  steps
}

func newStage(t *testing.T) *stage {
	c := gomock.NewController(t)
	s := &stage{awake: map[domain.EventID]bool{}, events: portmock.NewMockBenchEvents(c), tokens: portmock.NewMockTokens(c), load: portmock.NewMockLoad(c), cpu: portmock.NewMockCPUTimes(c)}
	s.events.EXPECT().Create(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(_ context.Context, h port.Hall) (domain.EventID, error) {
		s.halls = append(s.halls, h)
		return domain.EventID(len(s.halls)), nil
	})
	signed := map[domain.UserID]int{}
	s.tokens.EXPECT().Sign(gomock.Any()).AnyTimes().DoAndReturn(func(c port.Claims) (string, error) {
		if of, again := signed[c.User]; again && of != len(s.halls) {
			t.Errorf("buyer %d buys at the events %d and %d", c.User, of, len(s.halls))
		}
		signed[c.User] = len(s.halls)
		return c.User.String(), nil
	})
	s.cpu.EXPECT().CPUTimes().AnyTimes().Return(map[string]time.Duration{})
	s.load.EXPECT().Wake(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(_ context.Context, sale port.Sale, token string, seats int) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.awake[sale.Event] || slices.Contains(sale.BuyerTokens, token) || seats != s.halls[sale.Event-1].Seats {
			t.Errorf("event %d is woken by %s, for %d seats", sale.Event, token, seats)
		}
		s.awake[sale.Event] = true
		return nil
	})
	return s
}

// sellOut makes every sell-out take so long, by its event.
func (s *stage) sellOut(took map[domain.EventID]time.Duration) {
	s.load.EXPECT().SellOut(gomock.Any(), gomock.Any()).Times(len(took)).DoAndReturn(func(_ context.Context, o port.SelloutOrder) (port.SelloutResult, error) {
		o.OnProgress(o.Bookings, o.Bookings)
		return port.SelloutResult{Elapsed: took[o.Event], Answered: took[o.Event] / 2, Held: o.Bookings}, nil
	})
}

type steps struct{ names []string }

func (s *steps) Step(name string, _ int) func(int, int) {
	s.names = append(s.names, name)
	return func(int, int) {}
}

func TestLatency(t *testing.T) {
	s := newStage(t)
	s.sellOut(map[domain.EventID]time.Duration{1: time.Second}) // 5,000 bookings a second
	var rates []float64
	s.load.EXPECT().Paced(gomock.Any(), gomock.Any()).Times(5).DoAndReturn(func(_ context.Context, o port.PacedOrder) (port.PacedResult, error) {
		rates = append(rates, o.Rate)
		seats := s.halls[o.Event-1].Seats
		if booked := int(o.Rate * (o.WarmUp + o.For).Seconds() * 2); booked > seats || seats > 100_000 {
			t.Errorf("at %.0f a second for %s, %d of %d seats are booked", o.Rate, o.For, booked, seats)
		}
		return port.PacedResult{Bookings: 1, Pendings: []time.Duration{time.Duration(len(rates))}}, nil
	})

	f, err := bench.NewLatency(s.events, s.tokens, s.load, s.cpu).Handle(t.Context(), bench.LatencyInput{Seats: 10_000, For: 15 * time.Second, Clients: 8, Buyers: 2, Steps: &s.steps})

	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(rates, []float64{5, 1250, 2500, 3750, 4500}) || f.Most != 5000 || f.Alone.PendingP50 != 1 || len(f.Rates) != 4 || f.Rates[3].Percent != 90 || f.Rates[3].PendingP50 != 5 {
		t.Errorf("rates %v, figures %+v", rates, f)
	}
}

func TestHotSection(t *testing.T) {
	s := newStage(t)
	s.sellOut(map[domain.EventID]time.Duration{1: 9 * time.Second, 2: 2 * time.Second, 3: 4 * time.Second})

	f, err := bench.NewHotSection(bench.NewSellout(s.events, s.tokens, s.load, s.cpu)).Handle(t.Context(), bench.HotSectionInput{Seats: 4000, Clients: 8, Buyers: 2, Steps: &s.steps})

	if err != nil {
		t.Fatal(err)
	}
	if f.Ratio != 0.5 || s.halls[1].Sections != 10 || s.halls[2].Sections != 1 || s.halls[2].Seats != 4000 || strings.Join(s.steps.names, ", ") != "warm-up, ten sections, one section" {
		t.Errorf("halls %+v, steps %q, figures %+v", s.halls, s.steps.names, f)
	}
}

func TestEventsHot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		sold := map[domain.EventID]int{}
		var mu sync.Mutex
		s.load.EXPECT().SellOut(gomock.Any(), gomock.Any()).Times(5).DoAndReturn(func(_ context.Context, o port.SelloutOrder) (port.SelloutResult, error) {
			mu.Lock()
			sold[o.Event] = o.Bookings
			mu.Unlock()
			if o.Event > 2 && (o.Clients != 3 || len(o.BuyerTokens) != 2 || len(s.awake) != 5) {
				t.Errorf("order %+v, awake %v", o, s.awake)
			}
			o.OnProgress(o.Bookings, o.Bookings)
			time.Sleep(time.Second)
			return port.SelloutResult{}, nil
		})

		f, err := bench.NewEventsHot(s.events, s.tokens, s.load).Handle(t.Context(), bench.EventsHotInput{Events: 3, Clients: 8, Buyers: 6, Steps: &s.steps})

		if err != nil || f.Seats != 1500 || f.One != 750 || f.Many != 750 || f.Ratio != 1 || sold[2] != 750 || sold[5] != 250 || s.halls[4].Seats != 500 {
			t.Errorf("sold %v, figures %+v, %v", sold, f, err)
		}
	})
}

func TestOverload(t *testing.T) {
	s := newStage(t)
	s.sellOut(map[domain.EventID]time.Duration{1: 4 * time.Second}) // buyers are told after 2 s: 1,000 bookings a second
	s.load.EXPECT().Paced(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, o port.PacedOrder) (port.PacedResult, error) {
		if o.Rate != 10_000 || o.WarmUp != 0 || o.Clients != 50 {
			t.Errorf("order %+v", o)
		}
		return port.PacedResult{Bookings: 40_000, Elapsed: 10 * time.Second, Held: 8000, Failed: 1000, Refused: 31_000}, nil
	})
	input := bench.OverloadInput{Seats: 4000, Times: 10, For: 5 * time.Second, Clients: 8, Most: 50, Buyers: 2, Steps: &s.steps}

	f, err := bench.NewOverload(s.events, s.tokens, s.load, s.cpu).Handle(t.Context(), input)

	if err != nil {
		t.Fatal(err)
	}
	if f.Peak != 1000 || f.Offered != 8000 || f.Goodput != 900 || f.Ratio != 0.9 || f.Answered != 9000 || f.Refused != 31_000 {
		t.Errorf("figures %+v", f)
	}
}

func TestSSEFanout(t *testing.T) {
	input := bench.SSEFanoutInput{Seats: 4000, Readers: 10, Clients: 8, Buyers: 2}

	t.Run("compares a sale that is watched with one that is not", func(t *testing.T) {
		s := newStage(t)
		s.sellOut(map[domain.EventID]time.Duration{1: 9 * time.Second, 2: 2 * time.Second, 3: 4 * time.Second})
		readers := portmock.NewMockMapReaders(gomock.NewController(t))
		readers.EXPECT().Watch(gomock.Any(), domain.EventID(3), 10).Return(func() (int, error) { return 400, nil }, nil)
		input.Steps = &s.steps

		f, err := bench.NewSSEFanout(s.events, s.tokens, s.load, readers).Handle(t.Context(), input)

		if err != nil || f.Alone != 1000 || f.Watched != 500 || f.Ratio != 0.5 || f.Frames != 400 || f.FramesEach != 10 {
			t.Errorf("figures %+v: %v", f, err)
		}
	})

	t.Run("fails when a reader was cut off", func(t *testing.T) {
		s := newStage(t)
		s.sellOut(map[domain.EventID]time.Duration{1: time.Second, 2: time.Second, 3: time.Second})
		readers := portmock.NewMockMapReaders(gomock.NewController(t))
		readers.EXPECT().Watch(gomock.Any(), gomock.Any(), 10).Return(func() (int, error) { return 3, errStore }, nil)
		input.Steps = &s.steps

		if _, err := bench.NewSSEFanout(s.events, s.tokens, s.load, readers).Handle(t.Context(), input); !errors.Is(err, errStore) {
			t.Error(err)
		}
	})
}

func TestMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		s.sellOut(map[domain.EventID]time.Duration{1: time.Second})
		memory := portmock.NewMockMemory(gomock.NewController(t))
		memory.EXPECT().Resident().Times(3).DoAndReturn(func() map[string]port.Resident {
			return map[string]port.Resident{"redis": {Now: int64(len(s.halls)), Peak: 7}}
		})

		f, err := bench.NewMemory(s.events, s.tokens, s.load, memory).Handle(t.Context(), bench.MemoryInput{Seats: 4000, Events: 5, Clients: 8, Buyers: 2, Steps: &s.steps})

		if err != nil || f.One["redis"].Now != 1 || f.Sellout["redis"].Peak != 7 || f.Many["redis"].Now != 5 {
			t.Errorf("figures %+v: %v", f, err)
		}
	})
}

func TestMemoryPerReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		c := gomock.NewController(t)
		memory, readers := portmock.NewMockMemory(c), portmock.NewMockMapReaders(c)
		open := 0
		readers.EXPECT().Watch(gomock.Any(), domain.EventID(1), 10).DoAndReturn(func(_ context.Context, _ domain.EventID, n int) (func() (int, error), error) {
			open = n
			return func() (int, error) { return 10, nil }, nil
		})
		memory.EXPECT().Resident().Times(2).DoAndReturn(func() map[string]port.Resident {
			return map[string]port.Resident{"seats": {Now: 1000 + int64(open)*40}, "redis": {Now: 5}}
		})

		f, err := bench.NewMemoryPerReader(s.events, s.tokens, s.load, readers, memory).Handle(t.Context(), bench.MemoryPerReaderInput{Seats: 4000, Readers: 10})

		if err != nil || f.By["seats"] != 40 || f.By["redis"] != 0 {
			t.Errorf("figures %+v: %v", f, err)
		}
	})
}

func TestGrowth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage(t)
		s.load.EXPECT().SellOut(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(_ context.Context, o port.SelloutOrder) (port.SelloutResult, error) {
			return port.SelloutResult{Elapsed: time.Second}, nil
		})
		// The n-th sale costs n² µs a booking.
		readings, used := 0, time.Duration(0)
		cpu := portmock.NewMockCPUTimes(gomock.NewController(t))
		cpu.EXPECT().CPUTimes().AnyTimes().DoAndReturn(func() map[string]time.Duration {
			if readings++; readings%2 == 0 {
				n := readings / 2
				bookings := s.halls[len(s.halls)-1].Seats / 2
				used += time.Duration(n*n*bookings) * time.Microsecond
			}
			return map[string]time.Duration{"broker": used, bench.Load: time.Duration(readings) * time.Hour}
		})
		input := bench.GrowthInput{Small: 1000, Large: 10_000, Events: 5, History: 12_000, Clients: 8, Buyers: 2, Steps: &s.steps}

		f, err := bench.NewGrowth(bench.NewSellout(s.events, s.tokens, s.load, cpu)).Handle(t.Context(), input)

		if err != nil {
			t.Fatal(err)
		}
		if f.First.WithoutLoad != 4*time.Microsecond || f.Large != 9.0/4 || f.History != 36.0/4 || f.Events != 49.0/4 {
			t.Errorf("figures %+v", f)
		}
		if got := strings.Join(s.steps.names, ", "); got != "warm-up, small event, large event, history, history, after history, events, among many" {
			t.Errorf("steps %s", got)
		}
	})
}
