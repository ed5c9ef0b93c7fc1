package bench_test

import (
	"context"
	"testing"
	"time"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/bench"
)

// The warm-up is not measured: processor times are read when it is over.
func TestCPULow(t *testing.T) {
	c := gomock.NewController(t)
	events, tokens, load, cpu := portmock.NewMockBenchEvents(c), portmock.NewMockTokens(c), portmock.NewMockLoad(c), portmock.NewMockCPUTimes(c)
	tokens.EXPECT().Sign(gomock.Any()).Times(4) // three buyers, and one who wakes the event
	load.EXPECT().Wake(gomock.Any(), gomock.Any(), gomock.Any(), gomock.Any())
	warm := time.Duration(0)
	cpu.EXPECT().CPUTimes().Times(2).DoAndReturn(func() map[string]time.Duration {
		return map[string]time.Duration{"broker": warm * 2, bench.Load: warm}
	})
	var hall port.Hall
	events.EXPECT().Create(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, h port.Hall) (domain.EventID, error) { hall = h; return 7, nil })
	load.EXPECT().Paced(gomock.Any(), gomock.Any()).DoAndReturn(func(_ context.Context, o port.PacedOrder) (port.PacedResult, error) {
		if seats := int(o.Rate * (o.WarmUp + o.For).Seconds() * float64(o.SeatsEach)); hall.Seats < seats || hall.Seats > 2*seats {
			t.Errorf("a hall of %d seats for %d", hall.Seats, seats)
		}
		warm = time.Second
		o.OnMeasure()
		warm = 3 * time.Second
		return port.PacedResult{Bookings: 1000, Held: 990, Refused: 10, Elapsed: 10 * time.Second, Accepts: []time.Duration{1, 2}, Pendings: []time.Duration{3, 4}}, nil
	})

	f, err := bench.NewCPULow(events, tokens, load, cpu).Handle(t.Context(), bench.CPULowInput{Rate: 100, For: 10 * time.Second, Buyers: 3})

	if err != nil {
		t.Fatal(err)
	}
	if f.CPU.All != 6*time.Millisecond || f.CPU.WithoutLoad != 4*time.Millisecond || f.Held != 990 || f.Refused != 10 || f.AcceptP99 != 2 || f.PendingP50 != 4 {
		t.Errorf("figures %+v", f)
	}
}
