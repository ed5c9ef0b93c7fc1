package loadgen

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
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

	// Patience is how long a load waits while nothing happens; 0: 30 s. Then it fails.
	Patience time.Duration
}

var _ port.Load = Load{}

// lookEvery is the pause between two looks at counts that grow without a signal.
const lookEvery = 20 * time.Millisecond

// SellOut implements port.Load.
func (l Load) SellOut(ctx context.Context, o port.SelloutOrder) (port.SelloutResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	told := &outcomes{}
	streams, err := l.openBookings(ctx, o.BuyerTokens, func(_ int, data []byte) error { return told.count(data) })
	if err != nil {
		return port.SelloutResult{}, err
	}
	r := port.SelloutResult{Accepts: make([]time.Duration, o.Bookings)}
	c := clients{load: l, requests: newRequests(l.BookingURLs, o.Sale), bookings: o.Bookings, took: r.Accepts, failed: make(chan error, o.Clients)}
	began := time.Now()
	sent := make(chan struct{})
	go func() { c.run(ctx, o.Clients); r.Accepted = time.Since(began); close(sent) }()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	wait := patient[counts](l.patience())
	for {
		held, failed := told.counts()
		now := counts{int(c.accepted.Load()), held + failed}
		o.OnProgress(now.accepted, now.told)
		switch err := c.refusal.get(); { // seats that nobody asks for are never sold
		case err != nil:
			return port.SelloutResult{}, fmt.Errorf("a request was refused, so that the event cannot be sold out: %w", err)
		case failed > 0:
			return port.SelloutResult{}, fmt.Errorf("the buyer of a booking was told that there are no seats, so that the event cannot be sold out: %d got seats so far", held)
		case wait.lost(now):
			return port.SelloutResult{}, now.silence(wait.limit)
		}
		select {
		case <-sent:
			if int64(held+failed) >= c.accepted.Load() {
				r.Answered, r.Held, r.Failed, r.Refused = time.Since(began), held, failed, int(c.refused.Load())
				err := l.AwaitAvailable(ctx, o.Event, 0)
				r.Elapsed = time.Since(began)
				slices.Sort(r.Accepts)
				return r, err
			}
		default:
		}
		select {
		case <-tick.C:
		case err := <-streams.failed:
			return port.SelloutResult{}, err
		case err := <-c.failed:
			return port.SelloutResult{}, err
		case <-ctx.Done():
			return port.SelloutResult{}, ctx.Err()
		}
	}
}

// openBookings opens the streams of all buyers' bookings.
func (l Load) openBookings(ctx context.Context, tokens []string, frame func(buyer int, data []byte) error) (*streams, error) {
	return openStreams(ctx, len(tokens), func(i int, opened chan<- struct{}) error {
		return follow(ctx, l.BookingURLs[i%len(l.BookingURLs)], "/v1/bookings/stream", tokens[i], opened, func(data []byte) error { return frame(i, data) })
	})
}

// accepted reports whether a request for seats was accepted. A refusal and a
// connection that breaks are outcomes; an answer that is no booking is an error.
func accepted(status int, body []byte, err error) (ok bool, booking []byte, failed error) {
	switch {
	case errors.Is(err, errStrange):
		return false, nil, err
	case err != nil || status != http.StatusOK:
		return false, nil, nil
	case !bytes.Contains(body, []byte(`"status":"`)):
		return false, nil, fmt.Errorf("%w: 200 without a booking: %.200q", errStrange, body)
	}
	return true, body, nil
}

// clients send the bookings of a sale in a closed loop.
type clients struct {
	load     Load
	requests requests
	bookings int
	took     []time.Duration // of each request
	failed   chan error

	next, accepted, refused atomic.Int64
	refusal                 refusal
}

// run blocks until all bookings were sent and answered.
func (c *clients) run(ctx context.Context, n int) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { c.loop(ctx, i%len(c.load.BookingURLs)) })
	}
	all.Wait()
}

// loop books at one server of booking-service until nothing is left to book.
func (c *clients) loop(ctx context.Context, server int) {
	conn := newConnection(c.load.BookingURLs[server])
	defer conn.close()
	var request []byte
	for ctx.Err() == nil {
		n := int(c.next.Add(1)) - 1
		if n >= c.bookings {
			return
		}
		request = c.requests.booking(request[:0], server, n)
		sent := time.Now()
		status, body, err := conn.do(ctx, request)
		switch ok, _, failed := accepted(status, body, err); {
		case failed != nil:
			c.failed <- failed
			return
		case ok:
			c.accepted.Add(1)
		default:
			c.refused.Add(1)
			c.refusal.note(status, body, err)
		}
		c.took[n] = time.Since(sent)
	}
}

var _ port.Availability = Load{}

// AwaitAvailable implements port.Availability.
func (l Load) AwaitAvailable(ctx context.Context, event domain.EventID, available int) error {
	wait := patient[[2]int](l.patience())
	for {
		live, recorded, err := l.available(ctx, event)
		if unavailable(err) { // an event that has just woken: some sections are not read yet
			live, recorded, err = -1, -1, nil
		}
		if err != nil || live == available && recorded == available {
			return err
		}
		if wait.lost([2]int{live, recorded}) {
			return fmt.Errorf("%d seats are available in the journal and %d in the records, not %d, and nothing changed for %s", live, recorded, available, wait.limit)
		}
		select {
		case <-time.After(lookEvery):
		case <-ctx.Done():
			return fmt.Errorf("%d seats are available in the journal and %d in the records, not %d: %w", live, recorded, available, ctx.Err())
		}
	}
}

// available returns the numbers of available seats by the journal and by the tickets
// of record.
func (l Load) available(ctx context.Context, event domain.EventID) (live, recorded int, err error) {
	var sections struct {
		Sections []struct {
			Subsections []struct{ Available int }
		}
	}
	if err := getJSON(ctx, fmt.Sprintf("%s/v1/events/%d/seats", l.SeatsURL, event), &sections); err != nil {
		return 0, 0, err
	}
	for _, section := range sections.Sections {
		for _, sub := range section.Subsections {
			live += sub.Available
		}
	}
	var tickets struct{ Counts struct{ Available int } }
	err = getJSON(ctx, fmt.Sprintf("%s/v1/events/%d", l.TicketingURL, event), &tickets)
	return live, tickets.Counts.Available, err
}
