package reservation_test

import (
	"bytes"
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port"
)

// gateway records charges in a book. Some of its answers are lost.
type gateway struct {
	sale *sale

	mu    sync.Mutex
	book  map[rules.PaymentID]*port.Charge
	calls map[rules.PaymentID]int
}

var _ port.Gateway = (*gateway)(nil)

const declines = "tok_declined"

// ask changes an entry of the book. Sometimes it fails before or after.
func (g *gateway) ask(id rules.PaymentID, do func(*port.Charge) error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.calls[id]++
	fate := draw(id, g.calls[id]).IntN(10)
	if !g.sale.perfect.Load() && fate == 0 {
		return errFault
	}
	if g.book[id] == nil {
		g.book[id] = &port.Charge{Payment: id.String()}
	}
	err := do(g.book[id])
	if !g.sale.perfect.Load() && fate == 1 {
		return errFault
	}
	return err
}

func (g *gateway) Authorise(_ context.Context, p rules.Payment, card rules.Card) error {
	return g.ask(p.ID, func(c *port.Charge) error {
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

func (g *gateway) Capture(_ context.Context, id rules.PaymentID) error {
	return g.ask(id, func(c *port.Charge) error {
		if c.State == "authorised" {
			c.State = "captured"
			c.Captures++
		}
		return nil
	})
}

func (g *gateway) Void(_ context.Context, id rules.PaymentID) error {
	return g.ask(id, func(c *port.Charge) error {
		if c.State == "" || c.State == "authorised" {
			c.State = "voided"
		}
		return nil
	})
}

// Charges returns the book.
func (g *gateway) Charges(context.Context) ([]port.Charge, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []port.Charge
	for _, id := range slices.SortedFunc(maps.Keys(g.book), func(a, b rules.PaymentID) int { return bytes.Compare(a[:], b[:]) }) {
		all = append(all, *g.book[id])
	}
	return all, nil
}
