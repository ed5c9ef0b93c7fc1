package relay_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/relay"
)

type publish = func(context.Context, []message.Envelope) error

func TestRelay(t *testing.T) {
	any, errDown := gomock.Any(), errors.New("no broker")
	parts := func(t *testing.T) (*relay.Relay, *portmock.MockOutbox, *portmock.MockPublisher) {
		c := gomock.NewController(t)
		outbox, publisher := portmock.NewMockOutbox(c), portmock.NewMockPublisher(c)
		return relay.New(outbox, publisher), outbox, publisher
	}
	t.Run("publishes what it claims, and claims again while a claim is full", func(t *testing.T) {
		r, outbox, publisher := parts(t)
		outbox.EXPECT().Claim(any, relay.MaxClaim, any).Return(relay.MaxClaim, nil)
		outbox.EXPECT().Claim(any, relay.MaxClaim, any).DoAndReturn(func(ctx context.Context, _ int, p publish) (int, error) {
			return 2, p(ctx, make([]message.Envelope, 2))
		})
		publisher.EXPECT().Send(any, any).Do(func(_ message.Envelope, done func(error)) { done(nil) }).Times(2)
		if err := r.Handle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("tells the outbox when one message was not taken, and stops", func(t *testing.T) {
		r, outbox, publisher := parts(t)
		outbox.EXPECT().Claim(any, any, any).DoAndReturn(func(ctx context.Context, _ int, p publish) (int, error) {
			err := p(ctx, make([]message.Envelope, 2))
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
			return 0, p(ctx, make([]message.Envelope, 1))
		})
		publisher.EXPECT().Send(any, any)
		if err := r.Handle(t.Context()); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
