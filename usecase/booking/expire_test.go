package booking_test

import (
	"errors"
	"testing"

	"go.uber.org/mock/gomock"

	rules "github.com/onsale-tickets/onsale/domain/booking"
	"github.com/onsale-tickets/onsale/port/portmock"
	"github.com/onsale-tickets/onsale/usecase/booking"
)

func TestExpireBookings(t *testing.T) {
	mocks := func(t *testing.T) (*booking.ExpireBookings, *portmock.MockCancellations, *portmock.MockBookingFeed) {
		c := gomock.NewController(t)
		store, feed := portmock.NewMockCancellations(c), portmock.NewMockBookingFeed(c)
		return booking.NewExpireBookings(store, feed), store, feed
	}
	t.Run("ends all that is due, one full step after the other", func(t *testing.T) {
		expire, store, feed := mocks(t)
		full, rest := make([]rules.Booking, 500), make([]rules.Booking, 3)
		gomock.InOrder(
			store.EXPECT().ExpireDue(gomock.Any(), 500).Return(full, nil), feed.EXPECT().Changed(full),
			store.EXPECT().ExpireDue(gomock.Any(), 500).Return(full, nil), feed.EXPECT().Changed(full),
			store.EXPECT().ExpireDue(gomock.Any(), 500).Return(rest, nil), feed.EXPECT().Changed(rest),
		)
		if err := expire.Handle(t.Context()); err != nil {
			t.Error(err)
		}
	})
	t.Run("tells nothing of a step that failed", func(t *testing.T) {
		expire, store, _ := mocks(t)
		down := errors.New("no database")
		store.EXPECT().ExpireDue(gomock.Any(), 500).Return(nil, down)
		if err := expire.Handle(t.Context()); !errors.Is(err, down) {
			t.Error(err)
		}
	})
}
