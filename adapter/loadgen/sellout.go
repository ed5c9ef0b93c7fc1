package loadgen

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/port"
)

// Load implements port.Load against the servers of an installation.
type Load struct {
	BookingURLs  []string // one for each server of booking-service
	SeatsURL     string   // a server of seat-reservation-service
	TicketingURL string   // a server of event-ticketing-service
}

var _ port.Load = Load{}

// lookEvery is the pause between two looks at counts that grow without a signal.
const lookEvery = 20 * time.Millisecond

// SellOut implements port.Load.
func (l Load) SellOut(ctx context.Context, o port.SelloutOrder) (port.SelloutResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	transport := &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: o.Clients + len(o.BuyerTokens), MaxConnsPerHost: 0}
	client := &http.Client{Transport: transport}
	w := &watchers{}
	if err := w.open(ctx, client, l.BookingURLs, o.BuyerTokens); err != nil {
		return port.SelloutResult{}, err
	}
	r := port.SelloutResult{Accepts: make([]time.Duration, o.Bookings)}
	var next, accepted, refused atomic.Int64
	began := time.Now()
	var clients sync.WaitGroup
	for range o.Clients {
		clients.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= o.Bookings || ctx.Err() != nil {
					return
				}
				sent := time.Now()
				if err := l.book(ctx, client, o, n); err != nil {
					refused.Add(1)
				} else {
					accepted.Add(1)
				}
				r.Accepts[n] = time.Since(sent)
			}
		})
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	sent := make(chan struct{})
	go func() { clients.Wait(); r.Accepted = time.Since(began); close(sent) }()
	for {
		held, failed := w.counts()
		o.OnProgress(int(accepted.Load()), held+failed)
		select {
		case <-sent:
			if int64(held+failed) >= accepted.Load() {
				r.Answered, r.Held, r.Failed, r.Refused = time.Since(began), held, failed, int(refused.Load())
				err := l.awaitSoldOut(ctx, o)
				r.Elapsed = time.Since(began)
				slices.Sort(r.Accepts)
				return r, err
			}
		default:
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

func (l Load) book(ctx context.Context, c *http.Client, o port.SelloutOrder, n int) error {
	body := fmt.Sprintf(`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": %d}`, o.Event, o.Sections[n%len(o.Sections)], o.SeatsEach)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.BookingURLs[n%len(l.BookingURLs)]+"/v1/bookings", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+o.BuyerTokens[n%len(o.BuyerTokens)])
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

// awaitSoldOut blocks until journal and tickets have no seat left.
func (l Load) awaitSoldOut(ctx context.Context, o port.SelloutOrder) error {
	for {
		sold, err := l.soldOut(ctx, o.Event, o.Bookings*o.SeatsEach)
		if err != nil || sold {
			return err
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l Load) soldOut(ctx context.Context, event domain.EventID, seats int) (bool, error) {
	var live struct {
		Sections []struct {
			Subsections []struct{ Available int }
		}
	}
	if err := getJSON(ctx, fmt.Sprintf("%s/v1/events/%d/seats", l.SeatsURL, event), &live); err != nil {
		return false, err
	}
	for _, section := range live.Sections {
		for _, sub := range section.Subsections {
			if sub.Available > 0 {
				return false, nil
			}
		}
	}
	var recorded struct {
		Counts struct{ Available, Reserved int }
	}
	if err := getJSON(ctx, fmt.Sprintf("%s/v1/events/%d", l.TicketingURL, event), &recorded); err != nil {
		return false, err
	}
	return recorded.Counts.Available == 0 && recorded.Counts.Reserved == seats, nil
}

// watchers read the booking streams of all buyers and count outcomes.
type watchers struct{ held, failed atomic.Int64 }

func (w *watchers) counts() (held, failed int) { return int(w.held.Load()), int(w.failed.Load()) }

func (w *watchers) open(ctx context.Context, c *http.Client, urls, tokens []string) error {
	opened := make(chan error, len(tokens))
	for i, token := range tokens {
		go func() {
			if err := w.follow(ctx, c, urls[i%len(urls)], token, opened); err != nil && ctx.Err() == nil {
				opened <- err
			}
		}()
	}
	for range tokens {
		select {
		case err := <-opened:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// follow reads the stream of one buyer and counts the bookings that leave
// PROCESSING. A stream sends what waits together as one frame, so a line may hold
// several.
func (w *watchers) follow(ctx context.Context, c *http.Client, url, token string, opened chan<- error) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/bookings/stream", nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return errors.New("bookings stream: " + resp.Status)
	}
	opened <- nil
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(make([]byte, 0, 4096), longestFrame)
	for lines.Scan() {
		if data, is := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); is {
			w.held.Add(int64(bytes.Count(data, []byte(`"message":"seats_held"`))))
			w.failed.Add(int64(bytes.Count(data, []byte(`"message":"no_seats"`))))
		}
	}
	return lines.Err()
}

// longestFrame is more than a frame with 1,000 bookings has.
const longestFrame = 8 << 20
