package reservation_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"testing/synctest"

	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// gate holds goroutines until the seed lets them go on.
type gate struct {
	*faults
	rng *rand.Rand

	mu      sync.Mutex
	calls   map[string]int
	waiting map[string]chan struct{}
}

func newGate(f *faults, rng *rand.Rand) *gate {
	return &gate{faults: f, rng: rng, calls: map[string]int{}, waiting: map[string]chan struct{}{}}
}

// wait holds every other caller. It returns ctx's error if ctx is done first.
func (g *gate) wait(ctx context.Context, key string) error {
	if g.isPerfect() || g.draw(key+" waits").IntN(2) == 0 {
		return ctx.Err()
	}
	return g.hold(ctx, key)
}

// hold holds every caller.
func (g *gate) hold(ctx context.Context, key string) error {
	free := make(chan struct{})
	g.mu.Lock()
	g.calls[key]++
	key = fmt.Sprint(key, " ", g.calls[key])
	g.waiting[key] = free
	g.mu.Unlock()
	select {
	case <-free:
		return nil
	case <-ctx.Done():
		g.mu.Lock()
		delete(g.waiting, key)
		g.mu.Unlock()
		return ctx.Err()
	}
}

// release lets one go on, if one waits.
func (g *gate) release() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) == 0 {
		return false
	}
	keys := slices.Sorted(maps.Keys(g.waiting))
	key := keys[g.rng.IntN(len(keys))]
	close(g.waiting[key])
	delete(g.waiting, key)
	return true
}

// open lets all go on, one after the other.
func (g *gate) open() {
	for g.release() {
		synctest.Wait()
	}
}

// gateway charges cards in a book. It may take its time, and may not answer.
type gateway struct {
	sale *sale

	mu     sync.Mutex
	book   map[rules.PaymentID]*port.Charge
	strays map[string]func() // requests whose caller is gone
	gone   int               // how many there were
}

var _ port.Gateway = (*gateway)(nil)

const declines = "tok_declined"

func newGateway(s *sale) *gateway {
	return &gateway{sale: s, book: map[rules.PaymentID]*port.Charge{}, strays: map[string]func(){}}
}

// ask changes an entry of the book. Request and answer wait each on their own, so
// that the entry may change although the caller hears nothing.
func (g *gateway) ask(ctx context.Context, id rules.PaymentID, what string, change func(*port.Charge) error) error {
	key := id.String() + " " + what
	lost := g.sale.fate(key, 10, gatewayLost, gatewaySilent)
	if lost == gatewayLost {
		return errFault
	}
	if err := g.sale.gate.wait(ctx, key+" request"); err != nil {
		g.stray(key, func() { _ = g.change(id, change) })
		return err
	}
	err := g.change(id, change)
	if lost == gatewaySilent {
		return errFault
	}
	if gone := g.sale.gate.wait(ctx, key+" response"); gone != nil {
		return gone
	}
	return err
}

func (g *gateway) change(id rules.PaymentID, change func(*port.Charge) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.book[id] == nil {
		g.book[id] = &port.Charge{Payment: id.String()}
	}
	return change(g.book[id])
}

// stray keeps every other request of callers that are gone.
func (g *gateway) stray(key string, request func()) {
	if g.sale.isPerfect() || g.sale.draw(key+" strays").IntN(2) == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.gone++
	g.strays[fmt.Sprint(key, " ", g.gone)] = request
}

// arrive lets a stray request reach the book.
func (g *gateway) arrive() bool {
	g.mu.Lock()
	if len(g.strays) == 0 {
		g.mu.Unlock()
		return false
	}
	key := slices.Min(slices.Collect(maps.Keys(g.strays)))
	request := g.strays[key]
	delete(g.strays, key)
	g.mu.Unlock()
	request()
	g.sale.count(gatewayStray)
	return true
}

func (g *gateway) Authorise(ctx context.Context, p rules.Payment, card rules.Card) error {
	return g.ask(ctx, p.ID, "authorise", func(c *port.Charge) error {
		switch {
		case c.State == "" && card.Token == declines:
			c.State = "declined"
		case c.State == "":
			c.Booking, c.Amount, c.State = p.BookingID.String(), p.Amount, "authorised"
		}
		if c.State == "declined" || c.State == "voided" {
			return domain.Refuse(domain.Declined, "card_declined", "")
		}
		return nil
	})
}

func (g *gateway) Capture(ctx context.Context, id rules.PaymentID) error {
	return g.ask(ctx, id, "capture", func(c *port.Charge) error {
		if c.State == "authorised" {
			c.State = "captured"
			c.Captures++
		}
		return nil
	})
}

func (g *gateway) Void(ctx context.Context, id rules.PaymentID) error {
	return g.ask(ctx, id, "void", func(c *port.Charge) error {
		if c.State == "" || c.State == "authorised" {
			c.State = "voided"
		}
		return nil
	})
}

// Charges is the book.
func (g *gateway) Charges(context.Context) ([]port.Charge, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []port.Charge
	for _, id := range slices.SortedFunc(maps.Keys(g.book), func(a, b rules.PaymentID) int { return bytes.Compare(a[:], b[:]) }) {
		all = append(all, *g.book[id])
	}
	return all, nil
}
