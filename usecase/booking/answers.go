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

// Answers is the port.Inbox for what the seat owner answers.
type Answers struct {
	*offsets.Tracker
	bookings port.BookingInputs
	letters  port.DeadLetters
	feed     port.BookingFeed
	window   time.Duration // how long a booking can be paid
}

var _ port.Inbox = (*Answers)(nil)

// NewAnswers binds the ports.
func NewAnswers(b port.BookingInputs, l port.DeadLetters, f port.BookingFeed, window time.Duration) *Answers {
	return &Answers{offsets.NewTracker(b.Positions), b, l, f, window}
}

// Deliver applies a batch: bookings, releases and offsets in one step.
func (a *Answers) Deliver(ctx context.Context, event domain.EventID, batch []port.Delivery) error {
	return a.Steps(ctx, batch, func(ctx context.Context, batch []port.Delivery) ([]port.Delivery, error) {
		return offsets.BuryPoison(ctx, a.letters, batch)
	}, func(ctx context.Context, moves []port.Progress, messages []port.Delivery) error {
		return a.apply(ctx, event, moves, messages)
	})
}

func (a *Answers) apply(ctx context.Context, event domain.EventID, moves []port.Progress, messages []port.Delivery) error {
	ids := make([]domain.BookingID, len(messages))
	for i, d := range messages {
		ids[i] = message.BookingOf(d.Envelope.Body)
	}
	var changes port.BookingChanges
	err := a.bookings.Apply(ctx, moves, ids, func(now time.Time, found map[domain.BookingID]booking.Booking) port.BookingChanges {
		changes = decide(booking.Window{Opened: now.UTC(), Length: a.window}, messages, found)
		return changes
	})
	if err != nil {
		return fmt.Errorf("apply answers of event %d: %w", event, err)
	}
	if len(changes.Bookings) > 0 {
		a.feed.Changed(changes.Bookings)
	}
	return nil
}

// decide applies the answers in order. A booking may have several.
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
