package loadgen

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// Paced implements port.Load.
func (l Load) Paced(ctx context.Context, o port.PacedOrder) (port.PacedResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	book := newNotebook()
	streams, err := l.openBookings(ctx, o.BuyerTokens, func(_ int, data []byte) error { return book.told(data) })
	if err != nil {
		return port.PacedResult{}, err
	}
	p := pace{load: l, order: o, requests: newRequests(l.BookingURLs, o.Sale), book: book, work: make(chan due), failed: make(chan error, o.Clients)}
	sent := make(chan struct{})
	began := time.Now()
	go func() { p.run(ctx, began); close(sent) }()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	wait := patient[counts](l.patience())
	for {
		accepted, told := book.counts()
		now := counts{accepted, told}
		o.OnProgress(accepted, told)
		if wait.lost(now) {
			return port.PacedResult{}, now.silence(wait.limit)
		}
		select {
		case <-sent:
			if told == accepted {
				return book.result(time.Since(began) - o.WarmUp), nil
			}
		default:
		}
		select {
		case <-tick.C:
		case err := <-streams.failed:
			return port.PacedResult{}, err
		case err := <-p.failed:
			return port.PacedResult{}, err
		case <-ctx.Done():
			return port.PacedResult{}, ctx.Err()
		}
	}
}

// due is a booking that is due.
type due struct {
	n        int
	at       time.Time
	measured bool
}

// pace sends the bookings of an open loop.
type pace struct {
	load     Load
	order    port.PacedOrder
	requests requests
	book     *notebook
	work     chan due
	failed   chan error
	clients  sync.WaitGroup
	started  int
}

// run blocks until the last request is answered.
func (p *pace) run(ctx context.Context, began time.Time) {
	measured, end := began.Add(p.order.WarmUp), began.Add(p.order.WarmUp+p.order.For)
	measuring := false
	for n := 0; ctx.Err() == nil; n++ {
		at := began.Add(time.Duration(float64(n) / p.order.Rate * float64(time.Second)))
		if !at.Before(end) {
			break
		}
		time.Sleep(time.Until(at))
		if !time.Now().Before(end) {
			break // overloaded: the clients are behind
		}
		if !measuring && !at.Before(measured) {
			measuring = true
			p.order.OnMeasure()
		}
		p.give(ctx, due{n, at, measuring})
	}
	close(p.work)
	p.clients.Wait()
}

// give hands a booking to a client that waits, or else to a new one. It blocks while
// there are as many clients as allowed and all are busy.
func (p *pace) give(ctx context.Context, d due) {
	select {
	case p.work <- d:
		return
	default:
	}
	if p.started < p.order.Clients {
		server := p.started % len(p.load.BookingURLs)
		p.started++
		p.clients.Go(func() { p.client(ctx, server) })
	}
	select {
	case p.work <- d:
	case <-ctx.Done():
	}
}

// client sends what it is given over one connection.
func (p *pace) client(ctx context.Context, server int) {
	conn := newConnection(p.load.BookingURLs[server])
	defer conn.close()
	var request []byte
	for d := range p.work {
		request = p.requests.booking(request[:0], server, d.n)
		ok, answer, err := accepted(conn.do(ctx, request))
		if err == nil {
			err = p.book.answered(d, ok, answer)
		}
		if err != nil {
			p.failed <- err
			return
		}
	}
}

// notebook brings together what a client and a stream know of the same booking. The
// stream may know first.
type notebook struct {
	accepted, answers atomic.Int64

	mu    sync.Mutex
	open  map[string]due     // accepted, and the buyer was not told
	early map[string]outcome // told before the request was answered
	seen  port.PacedResult
}

type outcome struct {
	at   time.Time
	held bool
}

func newNotebook() *notebook {
	return &notebook{open: map[string]due{}, early: map[string]outcome{}}
}

// counts returns the numbers of bookings accepted and of those whose buyers were
// told.
func (b *notebook) counts() (accepted, told int) {
	return int(b.accepted.Load()), int(b.answers.Load())
}

// told reads a frame of a buyer's stream.
func (b *notebook) told(data []byte) error {
	changes, err := changesOf(data)
	if err != nil {
		return err
	}
	now := time.Now()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range changes {
		if c.Message != "seats_held" && c.Message != "no_seats" {
			continue
		}
		is := outcome{now, c.Message == "seats_held"}
		if d, known := b.open[c.ID]; known {
			delete(b.open, c.ID)
			b.note(d, is)
		} else {
			b.early[c.ID] = is
		}
	}
	return nil
}

// answered notes the answer to a request.
func (b *notebook) answered(d due, ok bool, answer []byte) error {
	took := time.Since(d.at)
	var booking struct{ ID string }
	if ok {
		if err := json.Unmarshal(answer, &booking); err != nil || booking.ID == "" {
			return fmt.Errorf("%w: a booking without an id: %.200q", errStrange, answer)
		}
		b.accepted.Add(1)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if d.measured {
		b.seen.Bookings++
		b.seen.Accepts = append(b.seen.Accepts, took)
	}
	if !ok {
		if d.measured {
			b.seen.Refused++
		}
		return nil
	}
	if is, early := b.early[booking.ID]; early {
		delete(b.early, booking.ID)
		b.note(d, is)
	} else {
		b.open[booking.ID] = d
	}
	return nil
}

// note notes what a buyer was told. The caller has the lock.
func (b *notebook) note(d due, is outcome) {
	b.answers.Add(1)
	switch {
	case !d.measured:
	case is.held:
		b.seen.Held++
		b.seen.Pendings = append(b.seen.Pendings, is.at.Sub(d.at))
	default:
		b.seen.Failed++
	}
}

func (b *notebook) result(elapsed time.Duration) port.PacedResult {
	b.mu.Lock()
	defer b.mu.Unlock()
	r := b.seen
	r.Elapsed = elapsed
	slices.Sort(r.Accepts)
	slices.Sort(r.Pendings)
	return r
}
