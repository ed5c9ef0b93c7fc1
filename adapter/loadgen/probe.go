package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Probe books one seat after another in each section. It records when each
// request was sent and when the booking had its outcome.
type Probe struct {
	bookingURL string

	event    domain.EventID
	sections []string
	token    string

	mu      sync.Mutex
	answers map[string][]answer // by section
}

type answer struct{ sent, at time.Time }

var _ port.Prober = (*Probe)(nil)

// NewProbe returns a probe that books at the URL of a server of booking-service.
func NewProbe(bookingURL string) *Probe {
	return &Probe{bookingURL: bookingURL, answers: map[string][]answer{}}
}

// Start implements port.Prober.
func (p *Probe) Start(ctx context.Context, event domain.EventID, sections []string, token string) (stop func()) {
	p.event, p.sections, p.token = event, sections, token
	ctx, cancel := context.WithCancel(ctx)
	var all sync.WaitGroup
	for _, section := range sections {
		all.Go(func() { p.book(ctx, section) })
	}
	return func() { cancel(); all.Wait() }
}

// book books seats of a section until ctx is done. Failed requests are expected
// while a server is down.
func (p *Probe) book(ctx context.Context, section string) {
	for ctx.Err() == nil {
		sent := time.Now()
		if p.once(ctx, section) == nil {
			p.mu.Lock()
			p.answers[section] = append(p.answers[section], answer{sent, time.Now()})
			p.mu.Unlock()
		}
	}
}

// pollEvery is how often the probe reads a booking until it has its outcome.
const pollEvery = 5 * time.Millisecond

func (p *Probe) once(ctx context.Context, section string) error {
	var b struct{ ID, Status string }
	body := fmt.Sprintf(`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": 1}`, p.event, section)
	if err := p.send(ctx, http.MethodPost, "/v1/bookings", body, &b); err != nil {
		return err
	}
	for b.Status == "processing" {
		select {
		case <-time.After(pollEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := p.send(ctx, http.MethodGet, "/v1/bookings/"+b.ID, "", &b); err != nil {
			return err
		}
	}
	return nil
}

func (p *Probe) send(ctx context.Context, method, path, body string, into any) error {
	req, err := http.NewRequestWithContext(ctx, method, p.bookingURL+path, strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
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

// Outage implements port.Prober.
func (p *Probe) Outage(since time.Time) (longest time.Duration, all bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, section := range p.sections {
		first, found := time.Duration(0), false
		for _, a := range p.answers[section] {
			if a.sent.After(since) {
				found = true
			}
			if d := a.at.Sub(since); d > 0 && (first == 0 || d < first) {
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
