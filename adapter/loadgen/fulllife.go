package loadgen

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/onsale-tickets/onsale/port"
)

// FullLife implements port.Load.
func (l Load) FullLife(ctx context.Context, o port.LifeOrder) (port.LifeResult, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p := &payers{load: l, order: o, due: make(chan toPay, o.Bookings), failed: make(chan error, o.Clients)}
	streams, err := l.openBookings(ctx, o.BuyerTokens, p.told)
	if err != nil {
		return port.LifeResult{}, err
	}
	c := clients{load: l, requests: newRequests(l.BookingURLs, o.Sale), bookings: o.Bookings, took: make([]time.Duration, o.Bookings), failed: make(chan error, o.Clients)}
	began := time.Now()
	sent := make(chan struct{})
	go func() { c.run(ctx, o.Clients); close(sent) }()
	paying, endPaying := context.WithCancel(ctx)
	var all sync.WaitGroup
	for i := range o.Clients {
		all.Go(func() { p.pay(paying, l.BookingURLs[i%len(l.BookingURLs)]) })
	}
	defer all.Wait()
	defer endPaying()
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	wait := patient[counts](o.Window + l.patience())
	for {
		ended := p.paid.Load() + p.cancelled.Load() + p.without.Load()
		now := counts{int(c.accepted.Load()), int(ended)}
		o.OnProgress(now.accepted, now.told)
		if o.Strict {
			if err := errors.Join(c.refusal.get(), p.refusal.get()); err != nil {
				return port.LifeResult{}, fmt.Errorf("a request was refused, so that not all bookings can be paid: %w", err)
			}
		}
		if wait.lost(now) {
			return port.LifeResult{}, now.silence(wait.limit)
		}
		select {
		case <-sent:
			if ended >= c.accepted.Load() {
				return port.LifeResult{Elapsed: time.Since(began), Held: int(p.held.Load()), Paid: int(p.paid.Load()), Cancelled: int(p.cancelled.Load()),
					Failed: int(p.without.Load()), Refused: int(c.refused.Load()), Unpaid: int(p.unpaid.Load())}, nil
			}
		default:
		}
		select {
		case <-tick.C:
		case err := <-streams.failed:
			return port.LifeResult{}, err
		case err := <-c.failed:
			return port.LifeResult{}, err
		case err := <-p.failed:
			return port.LifeResult{}, err
		case <-ctx.Done():
			return port.LifeResult{}, ctx.Err()
		}
	}
}

// toPay is a booking with seats whose buyer wants to pay.
type toPay struct {
	id    string
	buyer int
}

// payers pay a part of the bookings and count how each ends.
type payers struct {
	load   Load
	order  port.LifeOrder
	due    chan toPay // has room for all bookings, so that no stream waits
	failed chan error

	held, paid, cancelled, without, unpaid atomic.Int64
	refusal                                refusal
}

// told reads a frame of a buyer's stream.
func (p *payers) told(buyer int, data []byte) error {
	changes, err := changesOf(data)
	for _, c := range changes {
		switch c.Message {
		case "seats_held":
			// Of any 10 bookings in a row, 10 × Pay are paid.
			n := float64(p.held.Add(1))
			if int(n*p.order.Pay) > int((n-1)*p.order.Pay) {
				p.due <- toPay{c.ID, buyer}
			}
		case "payment_succeeded_ticket_confirmed":
			p.paid.Add(1)
		case "booking_cancelled":
			p.cancelled.Add(1)
		case "no_seats":
			p.without.Add(1)
		}
	}
	return err
}

// pay pays over one connection until ctx is done. A payment that is refused is not
// sent again: its booking expires.
func (p *payers) pay(ctx context.Context, url string) {
	conn := newConnection(url)
	defer conn.close()
	for {
		var b toPay
		select {
		case b = <-p.due:
		case <-ctx.Done():
			return
		}
		status, body, err := conn.do(ctx, payment(url, b.id, p.order.BuyerTokens[b.buyer]))
		if errors.Is(err, errStrange) {
			p.failed <- err
			return
		}
		if err != nil || status != http.StatusOK {
			p.unpaid.Add(1)
			p.refusal.note(status, body, err)
		}
	}
}
