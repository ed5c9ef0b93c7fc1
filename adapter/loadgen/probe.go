package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Probe books one seat after another in each section, a buyer for each, and
// remembers when each wish was sent and when its answer was to be had.
type Probe struct {
	BookingURL string
	Event      int64
	Sections   []string
	Token      string

	mu    sync.Mutex
	heard map[string][]probed
}

type probed struct{ sent, answered time.Time }

// Run probes until ctx is done.
func (p *Probe) Run(ctx context.Context) {
	p.heard = map[string][]probed{}
	var all sync.WaitGroup
	for _, section := range p.Sections {
		all.Go(func() {
			for ctx.Err() == nil {
				sent := time.Now()
				if p.once(ctx, section) == nil {
					p.mu.Lock()
					p.heard[section] = append(p.heard[section], probed{sent, time.Now()})
					p.mu.Unlock()
				}
			}
		})
	}
	all.Wait()
}

// lookEvery is how often a booking is looked at for its answer.
const lookEvery = 5 * time.Millisecond

func (p *Probe) once(ctx context.Context, section string) error {
	var b struct{ ID, Status string }
	body := fmt.Sprintf(`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": 1}`, p.Event, section)
	if err := p.ask(ctx, http.MethodPost, "/v1/bookings", body, &b); err != nil {
		return err
	}
	for b.Status == "processing" {
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := p.ask(ctx, http.MethodGet, "/v1/bookings/"+b.ID, "", &b); err != nil {
			return err
		}
	}
	return nil
}

func (p *Probe) ask(ctx context.Context, method, path, body string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.BookingURL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s", method, path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

// Outage is the longest time, over the sections, from a moment to the first
// answer that was given after it. all is false while a section had none to a
// wish sent after the moment.
func (p *Probe) Outage(since time.Time) (longest time.Duration, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, section := range p.Sections {
		first, found := time.Duration(0), false
		for _, h := range p.heard[section] {
			if h.sent.After(since) {
				found = true
			}
			if d := h.answered.Sub(since); d > 0 && (first == 0 || d < first) {
				first = d
			}
		}
		if !found {
			return 0, false
		}
		longest = max(longest, first)
	}
	return longest, true
}
