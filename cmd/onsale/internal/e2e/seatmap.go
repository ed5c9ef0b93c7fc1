package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/tmaxmax/go-sse"
)

// SeatMap is what a reader of the map stream knows.
type SeatMap struct {
	Mu       sync.Mutex
	statuses map[string]string
	LastID   string
	frames   int
}

func (m *SeatMap) Status(seat string) string {
	m.Mu.Lock()
	defer m.Mu.Unlock()
	if s, ok := m.statuses[seat]; ok {
		return s
	}
	return "available"
}

// WatchMap follows the map of an event until ctx is done.
func (p Person) WatchMap(ctx context.Context, event int64, query string) *SeatMap {
	m := &SeatMap{statuses: map[string]string{}}
	req, _ := http.NewRequestWithContext(ctx, "GET", p.URL(fmt.Sprintf("/v1/events/%d/seats/stream%s", event, query)), nil)
	ready := make(chan struct{})
	var once sync.Once
	conn := sse.NewConnection(req)
	conn.SubscribeToAll(func(e sse.Event) {
		var frame struct {
			Seats []struct {
				SeatID string `json:"seat_id"`
				Status string `json:"status"`
			} `json:"seats"`
		}
		if err := json.Unmarshal([]byte(e.Data), &frame); err != nil {
			p.In.T.Errorf("frame: %v in %s", err, e.Data)
		}
		m.Mu.Lock()
		defer m.Mu.Unlock()
		if e.Type == "snapshot" {
			m.statuses = map[string]string{}
		}
		for _, s := range frame.Seats {
			m.statuses[s.SeatID] = s.Status
		}
		m.LastID = e.LastEventID
		m.frames++
		once.Do(func() { close(ready) })
	})
	go func() {
		// The client does not repeat a refused request by itself. Seats are refused
		// (503) until all sections were read.
		for conn.Connect() != nil && ctx.Err() == nil {
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
			}
		}
	}()
	select {
	case <-ready:
	case <-time.After(20 * time.Second):
		p.In.T.Fatal("no snapshot of the map")
	}
	return m
}
