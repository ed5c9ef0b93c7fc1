package publish_test

import (
	"context"
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	"github.com/onsale-tickets/onsale/domain/message"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/publish"
)

func TestAll(t *testing.T) {
	envelopes := []message.Envelope{{ID: "1"}, {ID: "2"}, {ID: "3"}}
	t.Run("sends all, also after one that fails, and returns the first error", func(t *testing.T) {
		p, refused := portmock.NewMockPublisher(gomock.NewController(t)), errors.New("refused")
		p.EXPECT().Send(envelopes[0], gomock.Any()).Do(func(_ message.Envelope, done func(error)) { done(nil) })
		p.EXPECT().Send(envelopes[1], gomock.Any()).Do(func(_ message.Envelope, done func(error)) { done(refused) })
		p.EXPECT().Send(envelopes[2], gomock.Any()).Do(func(_ message.Envelope, done func(error)) { done(errors.New("later")) })
		if err := publish.All(t.Context(), p, envelopes); !errors.Is(err, refused) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("returns when its context is done, though nothing is acknowledged", func(t *testing.T) {
		p := portmock.NewMockPublisher(gomock.NewController(t))
		ctx, cancel := context.WithCancel(t.Context())
		p.EXPECT().Send(gomock.Any(), gomock.Any()).Times(3).Do(func(message.Envelope, func(error)) { cancel() })
		if err := publish.All(ctx, p, envelopes); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}
