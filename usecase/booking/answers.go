package booking

import (
	"context"
	"fmt"
	"time"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port"
	"github.com/onsale-tickets/onsale/usecase/offsets"
)

// Answers takes what the seat owner says about bookings: a port.Inbox.
type Answers struct {
	*offsets.Tracker
	bookings port.BookingInputs
	letters  port.DeadLetters
	feed     port.BookingFeed
	window   time.Duration // in which a booking can be paid
}

var _ port.Inbox = (*Answers)(nil)

// NewAnswers binds the ports.
func NewAnswers(b port.BookingInputs, l port.DeadLetters, f port.BookingFeed, window time.Duration) *Answers {
	return &Answers{offsets.NewTracker(b.Positions), b, l, f, window}
}

// Deliver applies a batch as one step, or nothing of it.
func (a *Answers) Deliver(ctx context.Context, event domain.EventID, batch []port.Delivery) error {
	moves, fresh, err := a.Progress(batch)
	if err != nil || len(fresh) == 0 {
		return err
	}
	messages, err := offsets.BuryPoison(ctx, a.letters, fresh)
	if err != nil {
		return err
	}
	ids := make([]domain.BookingID, len(messages))
	for i, d := range messages {
		ids[i] = message.BookingOf(d.Envelope.Body)
	}
	var changes port.BookingChanges
	err = a.bookings.Apply(ctx, moves, ids, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		changes = decide(booking.Window{Opened: now.UTC(), Length: a.window}, messages, found)
		return changes
	})
	if err != nil {
		return fmt.Errorf("apply answers of event %d: %w", event, err)
	}
	a.Applied(moves)
	a.feed.Changed(changes.Bookings)
	return nil
}

// decide takes the answers one after the other; a booking may have several.
func decide(window booking.Window, batch []port.Delivery, found map[domain.BookingID]booking.Booking) port.BookingChanges {
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
		var next *booking.Booking
		switch m := d.Envelope.Body.(type) {
		case message.BookingUpdatedToPendingPayment:
			var release *message.BookingExpiredReleaseTickets
			if next, release = booking.TakeSeats(current(m.BookingID), m, window.End()); release != nil {
				changes.Outgoing = append(changes.Outgoing, *release)
			}
			if next != nil {
				next.Window = window
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
