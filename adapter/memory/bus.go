package memory

import (
	"context"
	"slices"
	"sync"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Publisher keeps what was sent, in the order of arrival.
type Publisher struct {
	// Fault is asked at each send. An error is reported, and the message is not kept.
	// nil: all are kept.
	Fault func(message.Envelope) error

	mu   sync.Mutex
	sent []message.Envelope
}

var _ port.Publisher = (*Publisher)(nil)

// Send calls done before it returns.
func (p *Publisher) Send(e message.Envelope, done func(error)) { done(p.send(e)) }

func (p *Publisher) send(e message.Envelope) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.Fault != nil {
		if err := p.Fault(e); err != nil {
			return err
		}
	}
	p.sent = append(p.sent, e)
	return nil
}

// Sent returns a copy of what was kept.
func (p *Publisher) Sent() []message.Envelope {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.sent)
}

// DeadLetters keeps what was buried.
type DeadLetters struct {
	// Fault is asked at each letter. An error is returned, and the letter is not kept.
	// nil: all are kept.
	Fault func(port.DeadLetter) error

	mu     sync.Mutex
	buried []port.DeadLetter
}

var _ port.DeadLetters = (*DeadLetters)(nil)

// Bury keeps a letter.
func (d *DeadLetters) Bury(_ context.Context, letter port.DeadLetter) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.Fault != nil {
		if err := d.Fault(letter); err != nil {
			return err
		}
	}
	d.buried = append(d.buried, letter)
	return nil
}

// Buried returns a copy of what was kept.
func (d *DeadLetters) Buried() []port.DeadLetter {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.buried)
}

// SeatFeed keeps the changes that it was told.
type SeatFeed struct {
	mu      sync.Mutex
	changes []port.SeatChanges
}

var _ port.SeatFeed = (*SeatFeed)(nil)

// SeatsChanged keeps changes.
func (f *SeatFeed) SeatsChanged(_ domain.EventID, c port.SeatChanges) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.changes = append(f.changes, c)
}

// Heard returns a copy of the changes.
func (f *SeatFeed) Heard() []port.SeatChanges {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.changes)
}
