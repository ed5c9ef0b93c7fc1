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
)

// Sellout sells a whole event at once.
type Sellout struct {
	BookingURLs  []string // of the servers of booking-service themselves
	Event        int64
	Sections     []string
	Bookings     int // in all
	Seats        int // in each booking
	Clients      int // in a closed loop
	Tokens       []string
	Progress     func(accepted, answered int)
	AllInRecords func(context.Context) (bool, error) // whether journal and tickets have all of it
}

// SelloutResult is what became of it.
type SelloutResult struct {
	Elapsed  time.Duration // until buyers and stores know of all seats
	Accepted time.Duration // until the last booking was accepted
	Answered time.Duration // until the last buyer was told
	Held     int           // bookings with seats, as buyers were told
	Failed   int
	Refused  int             // requests that were not answered by 200
	Accepts  []time.Duration // of each request, ascending
}

// Run books until there is nothing left.
func (s Sellout) Run(ctx context.Context) (SelloutResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	transport := &http.Transport{MaxIdleConns: 0, MaxIdleConnsPerHost: s.Clients + len(s.Tokens), MaxConnsPerHost: 0}
	client := &http.Client{Transport: transport}
	w := &watchers{}
	if err := w.open(ctx, client, s.BookingURLs, s.Tokens); err != nil {
		return SelloutResult{}, err
	}
	r := SelloutResult{Accepts: make([]time.Duration, s.Bookings)}
	var next, accepted, refused atomic.Int64
	began := time.Now()
	var all sync.WaitGroup
	for range s.Clients {
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= s.Bookings || ctx.Err() != nil {
					return
				}
				sent := time.Now()
				if err := s.book(ctx, client, n); err != nil {
					refused.Add(1)
				} else {
					accepted.Add(1)
				}
				r.Accepts[n] = time.Since(sent)
			}
		})
	}
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	done := make(chan struct{})
	go func() { all.Wait(); r.Accepted = time.Since(began); close(done) }()
	for {
		held, failed := w.counts()
		s.Progress(int(accepted.Load()), held+failed)
		select {
		case <-done:
			if int64(held+failed) >= accepted.Load() {
				r.Answered = time.Since(began)
				return s.finish(ctx, r, began, held, failed, int(refused.Load()))
			}
		default:
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
}

func (s Sellout) finish(ctx context.Context, r SelloutResult, began time.Time, held, failed, refused int) (SelloutResult, error) {
	for {
		all, err := s.AllInRecords(ctx)
		if err != nil {
			return r, err
		}
		if all {
			break
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return r, ctx.Err()
		}
	}
	r.Elapsed, r.Held, r.Failed, r.Refused = time.Since(began), held, failed, refused
	slices.Sort(r.Accepts)
	return r, nil
}

func (s Sellout) book(ctx context.Context, c *http.Client, n int) error {
	body := fmt.Sprintf(`{"event_id": %d, "section": %q, "seat_selection_mode": "best_available", "quantity": %d}`, s.Event, s.Sections[n%len(s.Sections)], s.Seats)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.BookingURLs[n%len(s.BookingURLs)]+"/v1/bookings", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+s.Tokens[n%len(s.Tokens)])
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

// watchers read the streams of all buyers.
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

// follow counts the bookings of one buyer that leave PROCESSING.
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
	lines := bufio.NewReaderSize(resp.Body, 4096)
	for {
		line, err := lines.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		switch data, is := bytes.CutPrefix(line, []byte("data: ")); {
		case !is:
		case bytes.Contains(data, []byte(`"message":"seats_held"`)):
			w.held.Add(1)
		case bytes.Contains(data, []byte(`"message":"no_seats"`)):
			w.failed.Add(1)
		}
	}
}

// Percentile of durations that ascend; p from 0 to 1.
func Percentile(of []time.Duration, p float64) time.Duration {
	if len(of) == 0 {
		return 0
	}
	return of[min(int(p*float64(len(of))), len(of)-1)]
}
