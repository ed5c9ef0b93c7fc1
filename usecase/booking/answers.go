package booking

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
)

// Answers takes what the seat owner says about bookings: a port.Inbox.
type Answers struct {
	inputs  port.BookingInputs
	letters port.DeadLetters
	window  time.Duration // in which a booking can be paid

	mu   sync.Mutex
	next map[port.Input]int64 // what this server last knew of its inputs
}

var _ port.Inbox = (*Answers)(nil)

// NewAnswers binds the ports.
func NewAnswers(inputs port.BookingInputs, letters port.DeadLetters, window time.Duration) *Answers {
	return &Answers{inputs: inputs, letters: letters, window: window, next: map[port.Input]int64{}}
}

// Assigned goes on where the store says.
func (a *Answers) Assigned(ctx context.Context, _ domain.EventID, ends map[port.Input]int64) (map[port.Input]int64, error) {
	inputs := make([]port.Input, 0, len(ends))
	for input := range ends {
		inputs = append(inputs, input)
	}
	positions, err := a.inputs.Positions(ctx, inputs)
	if err != nil {
		return nil, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for input, next := range positions {
		a.next[input] = next
	}
	return positions, nil
}

// Revoked forgets inputs.
func (a *Answers) Revoked(_ domain.EventID, inputs []port.Input) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, input := range inputs {
		delete(a.next, input)
	}
}

// Deliver applies a batch as one step, or nothing of it.
func (a *Answers) Deliver(ctx context.Context, event domain.EventID, batch []port.Delivery) error {
	progress, fresh, err := a.progress(batch)
	if err != nil || len(fresh) == 0 {
		return err
	}
	var ids []domain.BookingID
	for _, d := range fresh {
		if d.Poison != nil {
			if err := a.letters.Bury(ctx, letter(event, d)); err != nil {
				return fmt.Errorf("bury: %w", err)
			}
			continue
		}
		ids = append(ids, bookingOf(d.Envelope.Body))
	}
	err = a.inputs.Apply(ctx, progress, ids, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		return decide(now.Add(a.window).UTC(), fresh, found)
	})
	if err != nil {
		return fmt.Errorf("apply answers of event %d: %w", event, err)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range progress {
		a.next[p.Input] = p.To
	}
	return nil
}

// progress drops what was applied before and refuses gaps.
func (a *Answers) progress(batch []port.Delivery) (moves []port.Progress, fresh []port.Delivery, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	at := map[port.Input]int{}
	for _, d := range batch {
		i, begun := at[d.Input]
		if !begun {
			next, known := a.next[d.Input]
			if !known {
				return nil, nil, fmt.Errorf("partition %d of %s is not this server's", d.Input.Partition, d.Input.Action)
			}
			i = len(moves)
			at[d.Input] = i
			moves = append(moves, port.Progress{Input: d.Input, From: next, To: next})
		}
		switch {
		case d.Offset < moves[i].To:
			continue
		case d.Offset > moves[i].To:
			return nil, nil, fmt.Errorf("%s [%d]: offset %d, expected %d", d.Input.Action, d.Input.Partition, d.Offset, moves[i].To)
		}
		moves[i].To++
		fresh = append(fresh, d)
	}
	return moves, fresh, nil
}

// decide takes the answers one after the other; a booking may have several.
func decide(expires time.Time, batch []port.Delivery, found map[domain.BookingID]booking.Booking) port.BookingChanges {
	var changes port.BookingChanges
	changed := map[domain.BookingID]booking.Booking{}
	current := func(id domain.BookingID) *booking.Booking {
		if b, ok := changed[id]; ok {
			return &b
		}
		if b, ok := found[id]; ok {
			return &b
		}
		return nil
	}
	for _, d := range batch {
		if d.Poison != nil {
			continue
		}
		var next *booking.Booking
		switch m := d.Envelope.Body.(type) {
		case message.BookingUpdatedToPendingPayment:
			var release *message.BookingExpiredReleaseTickets
			if next, release = booking.TakeSeats(current(m.BookingID), m, expires); release != nil {
				changes.Outgoing = append(changes.Outgoing, *release)
			}
		case message.BookingUpdatedToFailed:
			next = booking.TakeFailure(current(m.BookingID), m)
		}
		if next != nil {
			changed[next.ID] = *next
		}
	}
	for _, b := range changed {
		changes.Bookings = append(changes.Bookings, b)
	}
	return changes
}

func bookingOf(m message.Message) domain.BookingID {
	switch m := m.(type) {
	case message.BookingUpdatedToPendingPayment:
		return m.BookingID
	case message.BookingUpdatedToFailed:
		return m.BookingID
	}
	return domain.BookingID{}
}

func letter(event domain.EventID, d port.Delivery) port.DeadLetter {
	return port.DeadLetter{Topic: d.Input.Action.Topic(event), Partition: d.Input.Partition, Offset: d.Offset,
		Group: message.Group(event, message.BookingService), Reason: d.Poison.Error(), Raw: d.Raw}
}
