package relay_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain"
	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/relay"
)

const show = domain.EventID(7)

func envelopes(n int) []message.Envelope {
	return slices.Repeat([]message.Envelope{{Body: message.ReleaseSeat{SeatChange: message.SeatChange{EventID: show}}}}, n)
}

// A message that nobody would read stays in the outbox.
func TestRelayWakesItsEventsFirst(t *testing.T) {
	any, errDown := gomock.Any(), errors.New("no broker")
	const asleep = domain.EventID(8)
	c := gomock.NewController(t)
	outbox, publisher, wakes := portmock.NewMockOutbox(c), portmock.NewMockPublisher(c), portmock.NewMockWakes(c)
	batch := append(envelopes(2), message.Envelope{Body: message.ReleaseSeat{SeatChange: message.SeatChange{EventID: asleep}}})
	outbox.EXPECT().Claim(any, any, any).DoAndReturn(func(ctx context.Context, _ int, p publish) (int, error) { return 3, p(ctx, batch) }).Times(2)

	wakes.EXPECT().Wake(any, show)
	wakes.EXPECT().Wake(any, asleep).Return(errDown)
	if err := relay.New(outbox, publisher, wakes).Handle(t.Context()); !errors.Is(err, errDown) {
		t.Errorf("an event that cannot be woken: %v", err)
	}

	woken := wakes.EXPECT().Wake(any, show)
	both := wakes.EXPECT().Wake(any, asleep).After(woken)
	publisher.EXPECT().Send(any, any).Do(func(_ message.Envelope, done func(error)) { done(nil) }).Times(3).After(both)
	if err := relay.New(outbox, publisher, wakes).Handle(t.Context()); err != nil {
		t.Error(err)
	}
}

type publish = func(context.Context, []message.Envelope) error

func TestRelay(t *testing.T) {
	any, errDown := gomock.Any(), errors.New("no broker")
	parts := func(t *testing.T) (*relay.Relay, *portmock.MockOutbox, *portmock.MockPublisher) {
		c := gomock.NewController(t)
		outbox, publisher := portmock.NewMockOutbox(c), portmock.NewMockPublisher(c)
		wakes := portmock.NewMockWakes(c)
		wakes.EXPECT().Wake(any, show).AnyTimes()
		return relay.New(outbox, publisher, wakes), outbox, publisher
	}
	t.Run("publishes what it claims, and claims again while a claim is full", func(t *testing.T) {
		r, outbox, publisher := parts(t)
		outbox.EXPECT().Claim(any, relay.MaxClaim, any).Return(relay.MaxClaim, nil)
		outbox.EXPECT().Claim(any, relay.MaxClaim, any).DoAndReturn(func(ctx context.Context, _ int, p publish) (int, error) {
			return 2, p(ctx, envelopes(2))
		})
		publisher.EXPECT().Send(any, any).Do(func(_ message.Envelope, done func(error)) { done(nil) }).Times(2)
		if err := r.Handle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("tells the outbox when one message was not taken, and stops", func(t *testing.T) {
		r, outbox, publisher := parts(t)
		outbox.EXPECT().Claim(any, any, any).DoAndReturn(func(ctx context.Context, _ int, p publish) (int, error) {
			err := p(ctx, envelopes(2))
			if !errors.Is(err, errDown) {
				t.Errorf("the outbox is told %v", err)
			}
			return relay.MaxClaim, err
		})
		first := publisher.EXPECT().Send(any, any).Do(func(_ message.Envelope, done func(error)) { done(nil) })
		publisher.EXPECT().Send(any, any).Do(func(_ message.Envelope, done func(error)) { done(errDown) }).After(first)
		if err := r.Handle(t.Context()); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("publishes nothing when nothing can be claimed", func(t *testing.T) {
		r, outbox, _ := parts(t)
		outbox.EXPECT().Claim(any, any, any).Return(0, errDown)
		if err := r.Handle(t.Context()); !errors.Is(err, errDown) {
			t.Error(err)
		}
	})
	t.Run("waits for no broker that never answers once its time is over", func(t *testing.T) {
		r, outbox, publisher := parts(t)
		outbox.EXPECT().Claim(any, any, any).DoAndReturn(func(ctx context.Context, _ int, p publish) (int, error) {
			ctx, cancel := context.WithCancel(ctx)
			cancel()
			return 0, p(ctx, envelopes(1))
		})
		publisher.EXPECT().Send(any, any)
		if err := r.Handle(t.Context()); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
